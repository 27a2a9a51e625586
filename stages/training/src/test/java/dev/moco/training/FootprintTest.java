package dev.moco.training;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FootprintTest {
    @Test
    void twoMoreThreadsAreAllowed() {
        assertThatCode(() -> Footprint.assertNoGrowth(withThreads(20, 22))).doesNotThrowAnyException();
    }

    @Test
    void threeMoreThreadsAreGrowth() {
        assertThatThrownBy(() -> Footprint.assertNoGrowth(withThreads(20, 23)))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("growth of the number of threads");
    }

    private static List<Footprint> withThreads(int before, int after) {
        return IntStream.range(0, 10)
                .mapToObj(i -> new Footprint(1, i < 5 ? before : after, 0, 0))
                .toList();
    }
}
