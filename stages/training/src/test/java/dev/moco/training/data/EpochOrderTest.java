package dev.moco.training.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class EpochOrderTest {
    @Test
    void anEpochVisitsEveryImageOnce() {
        int[] order = EpochOrder.of(7, 3, 1000);
        assertThat(order).isNotEqualTo(EpochOrder.sequential(1000));
        Arrays.sort(order);
        assertThat(order).isEqualTo(EpochOrder.sequential(1000));
    }

    @Test
    void seedAndEpochDetermineTheOrder() {
        assertThat(EpochOrder.of(7, 3, 100)).isEqualTo(EpochOrder.of(7, 3, 100));
        assertThat(EpochOrder.of(7, 3, 100)).isNotEqualTo(EpochOrder.of(7, 4, 100));
        assertThat(EpochOrder.of(7, 3, 100)).isNotEqualTo(EpochOrder.of(8, 3, 100));
    }

    @Test
    void everyPositionOfAnImageIsEquallyLikely() {
        int draws = 12_000;
        int[][] counts = new int[4][4];
        for (int epoch = 0; epoch < draws; epoch++) {
            int[] order = EpochOrder.of(1, epoch, 4);
            for (int place = 0; place < 4; place++) {
                counts[place][order[place]]++;
            }
        }
        double fourSigma = 4 * Math.sqrt(draws * 0.25 * 0.75);
        for (int[] place : counts) {
            for (int count : place) {
                assertThat((double) count).isBetween(draws / 4.0 - fourSigma, draws / 4.0 + fourSigma);
            }
        }
    }
}
