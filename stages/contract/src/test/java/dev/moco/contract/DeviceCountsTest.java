package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceCountsTest {
    @Test
    void devicesDivideRanks() {
        assertThat(DeviceCounts.of(8)).containsExactly(1, 2, 4, 8);
        assertThat(DeviceCounts.of(6)).containsExactly(1, 2, 3, 6);
        assertThat(DeviceCounts.of(1024)).endsWith(32, 64).doesNotContain(128);
    }

    @ParameterizedTest(name = "{0} ranks, {1} devices: {2}")
    @CsvSource({"8, 0, 1", "8, 1, 1", "8, 3, 2", "8, 8, 8", "8, 64, 8", "6, 4, 3", "1024, 1000, 64", "67, 64, 1"})
    void asManyOfThoseAtHandAsPossible(int ranks, int atHand, int most) {
        assertThat(DeviceCounts.most(ranks, atHand)).isEqualTo(most);
    }
}
