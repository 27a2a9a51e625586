package dev.moco.training.data.device;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.Vectors;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.VectorPixels;
import dev.moco.training.data.augment.ColorJitter;
import dev.moco.training.data.augment.ColorJitter.Adjustment;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.augment.ViewParameters;
import dev.moco.training.data.pillow.Box;
import dev.moco.training.engine.TorchEngine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init")
class DeviceViewsVectorTest {
    private static final Box ANY = new Box(0, 0, 1, 1);
    /** Keys of the adjustments in vector file 10. */
    private static final List<Adjustment> NUMBERED =
            List.of(Adjustment.BRIGHTNESS, Adjustment.CONTRAST, Adjustment.SATURATION, Adjustment.HUE);

    private NDManager manager;
    private DeviceViews device;

    @BeforeAll
    void open() {
        manager = TorchEngine.start(1);
        device = new DeviceViews(manager, PretrainView.of(Augmentation.AUG_PLUS, 0));
    }

    @AfterAll
    void close() {
        device.close();
        manager.close();
    }

    @Test
    void eachImageOfABatchHasItsOwnOrderOfTheJitter() {
        JsonNode file = Vectors.read("10_color.json");
        List<ViewParameters> draws = new ArrayList<>();
        List<byte[]> expected = new ArrayList<>();
        for (JsonNode order : file.get("orders")) {
            ColorJitter jitter = new ColorJitter(
                    StreamSupport.stream(order.get("order").spliterator(), false)
                            .map(number -> NUMBERED.get(number.intValue()))
                            .toList(),
                    order.get("brightness").doubleValue(),
                    order.get("contrast").doubleValue(),
                    order.get("saturation").doubleValue(),
                    order.get("hue").doubleValue());
            draws.add(new ViewParameters(ANY, Optional.of(jitter), false, OptionalDouble.empty(), false));
            expected.add(VectorPixels.bytes(order.get("result")));
        }
        draws.add(new ViewParameters(ANY, Optional.empty(), true, OptionalDouble.empty(), false));
        expected.add(VectorPixels.bytes(file.get("grayscale3_image")));
        assertFinished(VectorPixels.image(file.get("image_HWC_u8")), draws, expected);
    }

    @Test
    void eachImageOfABatchHasItsOwnBlurRadius() {
        JsonNode file = Vectors.read("11_gaussian_blur.json");
        List<ViewParameters> draws = new ArrayList<>();
        List<byte[]> expected = new ArrayList<>();
        for (JsonNode blur : file.get("cases")) {
            OptionalDouble sigma = OptionalDouble.of(blur.get("sigma").doubleValue());
            draws.add(new ViewParameters(ANY, Optional.empty(), false, sigma, false));
            expected.add(VectorPixels.bytes(blur.get("result")));
        }
        assertFinished(VectorPixels.image(file.get("image_HWC_u8")), draws, expected);
    }

    @Test
    void cropsAreResizedAsInTorchvision() {
        JsonNode file = Vectors.read("12_pil_bilinear_resize.json");
        NDArray image = upload(VectorPixels.image(file.get("image_HWC_u8")));
        for (JsonNode resize : file.get("cases_crop")) {
            Box crop = new Box(
                    resize.get("j_left").intValue(),
                    resize.get("i_top").intValue(),
                    resize.get("w").intValue(),
                    resize.get("h").intValue());
            PretrainView view = PretrainView.of(
                    Augmentation.AUG_PLUS, resize.get("out_size").intValue());
            try (DeviceViews ofSize = new DeviceViews(manager, view)) {
                ViewParameters draw = new ViewParameters(crop, Optional.empty(), false, OptionalDouble.empty(), false);
                NDArray found = ofSize.crops(manager, new NDList(image), List.of(draw));
                assertThat(found.toByteArray()).isEqualTo(VectorPixels.bytes(resize.get("result")));
            }
        }
    }

    private void assertFinished(RgbImage image, List<ViewParameters> draws, List<byte[]> expected) {
        NDArray crops = upload(image).expandDims(0).repeat(0, draws.size());
        NDArray found = device.augment(manager, crops, draws);
        for (int i = 0; i < draws.size(); i++) {
            assertThat(found.get(i).toByteArray()).as(draws.get(i).toString()).isEqualTo(expected.get(i));
        }
    }

    private NDArray upload(RgbImage image) {
        return BatchViews.upload(manager, ByteBuffer.wrap(image.pixels()), image.height(), image.width(), 3);
    }
}
