package dev.moco.training.data.loader;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.decode.ImageDecoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(600)
class BatchRuleTest {
    private static final BatchRule FILLED = new BatchRule(8, 4, false);
    private static final int IMAGES = 19;

    @ParameterizedTest(name = "batches of {0} for {1} ranks over {2} images")
    @CsvSource({"8, 4, 19, 3, 4", "8, 4, 16, 2, 8", "8, 4, 23, 3, 8", "8, 0, 19, 2, 8", "256, 8, 1281167, 5005, 144"})
    void theLastBatchIsFilledUpToAMultipleOfTheRanks(int size, int multiple, int images, int batches, int last) {
        BatchRule rule = new BatchRule(size, multiple, true);
        assertThat(rule.batches(images)).isEqualTo(batches);
        assertThat(rule.size(batches - 1, images)).isEqualTo(last);
        assertThat(rule.size(0, images)).isEqualTo(size);
    }

    /** Images and bytes of a batch. */
    private record Filled(List<Integer> indices, List<Byte> pixels) {}

    @Test
    void theFirstImagesFillUpTheLastBatch() throws InterruptedException {
        List<Filled> whole = epoch(BatchPart.WHOLE, 0);
        assertThat(whole).extracting(batch -> batch.indices().size()).containsExactly(8, 8, 4);
        List<Integer> last = whole.get(2).indices();
        assertThat(last.get(3)).isEqualTo(whole.get(0).indices().get(0));
        assertThat(whole.get(2).pixels().subList(3 * 192, 4 * 192))
                .isEqualTo(whole.get(0).pixels().subList(0, 192));
        assertThat(whole.stream().flatMap(batch -> batch.indices().stream()).distinct())
                .hasSize(IMAGES);
        assertThat(epoch(BatchPart.WHOLE, 2)).isEqualTo(whole.subList(2, 3));
    }

    @Test
    void partsOfProcessesAreTheWholeBatches() throws InterruptedException {
        List<Filled> whole = epoch(BatchPart.WHOLE, 1);
        List<Filled> first = epoch(new BatchPart(0, 2), 1);
        List<Filled> second = epoch(new BatchPart(1, 2), 1);
        for (int i = 0; i < whole.size(); i++) {
            assertThat(joined(first.get(i).indices(), second.get(i).indices()))
                    .isEqualTo(whole.get(i).indices());
            assertThat(joined(first.get(i).pixels(), second.get(i).pixels()))
                    .isEqualTo(whole.get(i).pixels());
        }
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        List<T> joined = new ArrayList<>(first);
        joined.addAll(second);
        return joined;
    }

    private static List<Filled> epoch(BatchPart part, int firstStep) throws InterruptedException {
        List<Filled> filled = new ArrayList<>();
        DecodedImages images = new DecodedImages(new PaintedImages(IMAGES, 12, Set.of()), ImageDecoder.create());
        PretrainView view = PretrainView.of(Augmentation.CROP_AND_FLIP, 8);
        try (ViewLoader loader = new ViewLoader(images, view, ViewPlace.HOST, FILLED, part, 42, 2);
                BatchStream<ViewBatch> batches = loader.epoch(0, firstStep)) {
            assertThat(loader.imagesPerEpoch()).isEqualTo(20);
            while (batches.hasNext()) {
                try (ViewBatch batch = batches.next()) {
                    assertThat(batch.hasKeys()).isFalse();
                    byte[] pixels = new byte[batch.size() * 192];
                    batch.query().pixels().get(0, pixels);
                    filled.add(new Filled(
                            IntStream.of(batch.indices()).boxed().toList(),
                            IntStream.range(0, pixels.length)
                                    .mapToObj(i -> pixels[i])
                                    .toList()));
                }
            }
        }
        return filled;
    }
}
