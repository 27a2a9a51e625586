package dev.moco.training.detect.boxes;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.training.data.CounterRandom;
import dev.moco.training.detect.input.TinyScenes;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class TargetAssignmentTest {
    private static final int RANKS = 4;

    private final TargetAssignment assignment = new TargetAssignment(TinyScenes.config(6, 4, 2), 3);
    private final AnchorGrid grid = new AnchorGrid(TinyScenes.config(6, 4, 2).anchors(), 16);

    private TargetAssignment.RankOutputs rank(int number, int images, List<Instances> objects) {
        Boxes anchors = grid.over(6, 8 + number);
        CounterRandom random = CounterRandom.of(5, number);
        float[] logits = new float[images * anchors.size()];
        float[] deltas = new float[4 * logits.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = (float) random.nextGaussian();
        }
        for (int i = 0; i < deltas.length; i++) {
            deltas[i] = (float) (0.2 * random.nextGaussian());
        }
        return new TargetAssignment.RankOutputs(objects, anchors, logits, deltas);
    }

    private static Instances objects(int number) {
        return new Instances(120, 96, new Boxes(10 + number, 10, 60, 70, 50, 20, 110, 90), new int[] {0, 2});
    }

    @Test
    void imagesOfAllRanksAreAssignedAtTheSameTime() throws Exception {
        CountDownLatch together = new CountDownLatch(RANKS);
        List<TargetAssignment.RankOutputs> ranks = new ArrayList<>();
        for (int number = 0; number < RANKS; number++) {
            int ofRank = number;
            ranks.add(rank(number, 1, new AbstractList<>() {
                @Override
                public Instances get(int index) {
                    together.countDown();
                    try {
                        // The first image is not done before the others have begun.
                        assertThat(together.await(10, TimeUnit.MINUTES)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return objects(ofRank);
                }

                @Override
                public int size() {
                    return 1;
                }
            }));
        }
        ForkJoinPool pool = new ForkJoinPool(RANKS);
        try {
            assertThat(pool.submit(() -> assignment.assign(ranks, 3)).get()).hasSize(RANKS);
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void theNumberOfThreadsDoesNotChangeTheTargets() throws Exception {
        List<TargetAssignment.RankOutputs> ranks = new ArrayList<>();
        for (int number = 0; number < RANKS; number++) {
            ranks.add(rank(number, 3, List.of(objects(number), objects(number + 1), objects(number + 2))));
        }
        List<RankTargets> expected = null;
        for (int threads : new int[] {1, 2, 7}) {
            ForkJoinPool pool = new ForkJoinPool(threads);
            try {
                List<RankTargets> found =
                        pool.submit(() -> assignment.assign(ranks, 3)).get();
                expected = expected == null ? found : expected;
                assertThat(found).usingRecursiveComparison().isEqualTo(expected);
                assertThat(found.get(2).labels()).contains(3L).containsAnyOf(0L, 2L);
            } finally {
                pool.shutdown();
            }
        }
    }
}
