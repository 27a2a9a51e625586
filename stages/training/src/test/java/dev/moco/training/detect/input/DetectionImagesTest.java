package dev.moco.training.detect.input;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.DetectConfig;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.detect.boxes.Boxes;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DetectionImagesTest {
    private final ImageSet set = new TinySet(12, 1);

    @Test
    void boxesFollowTheirObjectsThroughResizeAndMirror() {
        DetectionImages images =
                new DetectionImages(set, new DetectConfig.Input(List.of(96, 128), 96, 200), ImageDecoder.create());
        Set<Integer> widths = new HashSet<>();
        for (int draw = 0; draw < 20; draw++) {
            TrainingImage image = images.forTraining(0, CounterRandom.of(draw));
            widths.add(image.pixels().width());
            Boxes boxes = image.objects();
            for (int i = 0; i < boxes.size(); i++) {
                int x = (int) ((boxes.x1(i) + boxes.x2(i)) / 2);
                int y = (int) ((boxes.y1(i) + boxes.y2(i)) / 2);
                int at = 3 * (y * image.pixels().width() + x);
                // The center of a red, green or blue square, whose class is the index of its brightest channel.
                assertThat(image.pixels().pixels()[at + image.classes()[i]] & 0xff)
                        .isEqualTo(220);
            }
        }
        // 80 x 72 pixels: short sides 96 and 128.
        assertThat(widths).containsExactlyInAnyOrder(107, 142);
    }

    @Test
    void batchesHaveOneAspectAndEveryImageIsUsedOnceAnEpoch() {
        BatchOrder order = new BatchOrder(set, 5, 1, 2);
        List<Integer> drawn = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            List<Integer> batch = order.next().get(0);
            drawn.addAll(batch);
            assertThat(batch).extracting(this::wide).containsOnly(wide(batch.get(0)));
        }
        assertThat(drawn).doesNotHaveDuplicates();
    }

    private boolean wide(int index) {
        return set.sample(index).width() > set.sample(index).height();
    }

    @Test
    void theOrderIsAFunctionOfTheSeed() {
        BatchOrder whole = new BatchOrder(set, 5, 2, 2);
        List<List<List<Integer>>> batches = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            batches.add(whole.next());
        }
        BatchOrder again = new BatchOrder(set, 5, 2, 2);
        for (List<List<Integer>> batch : batches) {
            assertThat(again.next()).isEqualTo(batch);
        }
        assertThat(new BatchOrder(set, 6, 2, 2).next()).isNotEqualTo(batches.get(0));
    }
}
