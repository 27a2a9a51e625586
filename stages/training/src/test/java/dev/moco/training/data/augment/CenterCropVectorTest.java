package dev.moco.training.data.augment;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.data.pillow.Box;
import org.junit.jupiter.api.Test;

class CenterCropVectorTest {
    @Test
    void evaluationResizesAndCropsAsInTorchvision() {
        for (JsonNode expected : Vectors.read("13_val_resize_centercrop.json").get("cases")) {
            ResizeCenterCrop geometry = EvaluationView.geometry(
                    224, expected.get("w").intValue(), expected.get("h").intValue());
            assertThat(geometry)
                    .as("%s", expected)
                    .isEqualTo(new ResizeCenterCrop(
                            expected.get("resized_w").intValue(),
                            expected.get("resized_h").intValue(),
                            new Box(
                                    expected.get("crop_left").intValue(),
                                    expected.get("crop_top").intValue(),
                                    224,
                                    224)));
        }
    }
}
