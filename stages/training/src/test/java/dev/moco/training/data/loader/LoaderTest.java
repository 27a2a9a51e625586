package dev.moco.training.data.loader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.StageFailure;
import dev.moco.training.data.augment.EvaluationView;
import dev.moco.training.data.augment.LinearView;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.decode.ImageDecoder;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(600)
class LoaderTest {
    private static final int SIZE = 8;

    private record Loaded(List<Integer> indices, List<Integer> labels, ByteBuffer query, ByteBuffer key) {}

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7})
    void theNumberOfThreadsDoesNotChangeTheBatches(int threads) throws InterruptedException {
        assertThat(epoch(threads, 0)).isEqualTo(epoch(3, 0));
    }

    @Test
    void anEpochCanBeginAtAnyStep() throws InterruptedException {
        List<Loaded> whole = epoch(2, 0);
        assertThat(whole).hasSize(4);
        for (int step = 1; step <= 4; step++) {
            assertThat(epoch(2, step)).isEqualTo(whole.subList(step, 4));
        }
    }

    @Test
    void pretrainingDropsTheIncompleteBatchAndLoadsNoImageTwice() throws InterruptedException {
        List<Integer> indices =
                epoch(2, 0).stream().flatMap(batch -> batch.indices().stream()).toList();
        assertThat(indices).hasSize(20).doesNotHaveDuplicates().allMatch(index -> index < 23);
    }

    @Test
    void queryAndKeyAreTwoDrawsOfTheSameImage() throws InterruptedException {
        for (Loaded batch : epoch(2, 0)) {
            assertThat(batch.query()).isNotEqualTo(batch.key());
            assertThat(batch.labels())
                    .isEqualTo(batch.indices().stream().map(index -> index % 2).toList());
        }
    }

    @Test
    void evaluationKeepsTheOrderAndTheIncompleteBatch() throws InterruptedException {
        List<Integer> indices = new ArrayList<>();
        try (LabeledLoader loader = new LabeledLoader(images(), new EvaluationView(SIZE), 5, 0, 2);
                BatchStream<LabeledBatch> batches = loader.inOrder()) {
            assertThat(loader.stepsPerEpoch()).isEqualTo(5);
            while (batches.hasNext()) {
                try (LabeledBatch batch = batches.next()) {
                    assertThat(batch.images().remaining()).isEqualTo(batch.size() * SIZE * SIZE * 3);
                    for (int i = 0; i < batch.size(); i++) {
                        indices.add(batch.indices()[i]);
                        assertThat(batch.images().get(i * SIZE * SIZE * 3)).isEqualTo((byte) batch.indices()[i]);
                        assertThat(batch.labels()[i]).isEqualTo(batch.indices()[i] % 2);
                    }
                }
            }
        }
        assertThat(indices).isEqualTo(IntStream.range(0, 23).boxed().toList());
    }

    @Test
    void linearTrainingShufflesAllImagesInEachEpoch() throws InterruptedException {
        try (LabeledLoader loader = new LabeledLoader(images(), new LinearView(SIZE), 5, 1, 2)) {
            List<Integer> first = indices(loader.epoch(0, 0));
            List<Integer> second = indices(loader.epoch(1, 0));
            assertThat(first).hasSize(23).doesNotHaveDuplicates().isNotEqualTo(second);
            assertThat(new HashSet<>(second)).hasSize(23);
        }
    }

    @Test
    void aDamagedImageIsReportedByName() {
        DecodedImages images = new DecodedImages(new PaintedImages(10, 12, Set.of(6)), ImageDecoder.create());
        try (LabeledLoader loader = new LabeledLoader(images, new EvaluationView(SIZE), 5, 0, 2)) {
            assertThatThrownBy(() -> indices(loader.inOrder()))
                    .isInstanceOfSatisfying(
                            StageFailure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                    .hasMessageMatching("image painted/6.png: truncated PNG: no image data in its \\d+ bytes");
        }
    }

    @Test
    void aBatchLargerThanTheSetIsRefused() {
        assertThatThrownBy(() -> loader(24, 1))
                .isInstanceOf(StageFailure.class)
                .hasMessage("batch size 24 must not exceed the number of training images, found 23 images");
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 100_000_000})
    void onlyASmallSetIsCached(int claimedWidth) throws InterruptedException {
        PaintedImages painted = new PaintedImages(10, claimedWidth, Set.of());
        DecodedImages images = new DecodedImages(painted, ImageDecoder.create());
        try (LabeledLoader loader = new LabeledLoader(images, new EvaluationView(SIZE), 5, 0, 2)) {
            indices(loader.inOrder());
            indices(loader.inOrder());
        }
        assertThat(painted.reads.get()).isEqualTo(claimedWidth == 12 ? 10 : 20);
    }

    @Test
    void aClosedStreamStopsItsWorkAndTimeSpentWaitingIsCounted() throws InterruptedException {
        try (ViewLoader loader = loader(5, 2)) {
            try (BatchStream<ViewBatch> batches = loader.epoch(0, 0)) {
                batches.next().close();
                assertThat(batches.waitNanos()).isPositive();
            }
            try (BatchStream<ViewBatch> batches = loader.epoch(1, 3)) {
                assertThat(batches.next().size()).isEqualTo(5);
                assertThat(batches.hasNext()).isFalse();
            }
        }
    }

    private static DecodedImages images() {
        return new DecodedImages(new PaintedImages(23, 12, Set.of()), ImageDecoder.create());
    }

    private static ViewLoader loader(int batchSize, int threads) {
        PretrainView view = PretrainView.of(Augmentation.AUG_PLUS, SIZE);
        return new ViewLoader(images(), view, ViewPlace.HOST, batchSize, 42, threads);
    }

    private static List<Loaded> epoch(int threads, int firstStep) throws InterruptedException {
        List<Loaded> loaded = new ArrayList<>();
        try (ViewLoader loader = loader(5, threads);
                BatchStream<ViewBatch> batches = loader.epoch(2, firstStep)) {
            while (batches.hasNext()) {
                try (ViewBatch batch = batches.next()) {
                    loaded.add(new Loaded(
                            IntStream.of(batch.indices()).boxed().toList(),
                            IntStream.of(batch.labels()).boxed().toList(),
                            copy(batch.query().pixels()),
                            copy(batch.key().pixels())));
                }
            }
        }
        return loaded;
    }

    private static ByteBuffer copy(ByteBuffer buffer) {
        return ByteBuffer.allocate(buffer.remaining()).put(buffer.duplicate()).flip();
    }

    private static List<Integer> indices(BatchStream<LabeledBatch> batches) throws InterruptedException {
        List<Integer> indices = new ArrayList<>();
        try (batches) {
            while (batches.hasNext()) {
                try (LabeledBatch batch = batches.next()) {
                    IntStream.of(batch.indices()).forEach(indices::add);
                }
            }
        }
        return indices;
    }
}
