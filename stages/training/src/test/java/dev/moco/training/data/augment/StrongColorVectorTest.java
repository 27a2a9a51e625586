package dev.moco.training.data.augment;

import static dev.moco.training.VectorNumbers.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.Vectors;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.VectorPixels;
import dev.moco.training.data.augment.ColorJitter.Adjustment;
import dev.moco.training.data.augment.ColorJitter.Strength;
import dev.moco.training.data.pillow.Box;
import dev.moco.training.data.pillow.Enhance;
import dev.moco.training.data.pillow.Planes;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Vector 54: SimCLR's color distortion. */
class StrongColorVectorTest {
    /** In the file's order. */
    private static final List<Adjustment> ADJUSTMENTS =
            List.of(Adjustment.BRIGHTNESS, Adjustment.CONTRAST, Adjustment.SATURATION, Adjustment.HUE);

    private final JsonNode file = Vectors.read("54_strong_colour.json");
    private final JsonNode pillow = file.get("pillow");
    private final ViewTransforms simClr = ViewTransforms.simClr(1);

    @Test
    void rangesFollowTheStrength() {
        file.get("rule").get("ranges_by_strength").properties().forEach(ranges -> {
            Strength strength = Strength.strong(Double.parseDouble(ranges.getKey()));
            assertRange(strength, 0, ranges.getValue());
            assertRange(strength, 1, ranges.getValue());
        });
    }

    @Test
    void transformsHaveTheProbabilitiesOfTheFile() {
        JsonNode probabilities = file.get("rule").get("p");
        assertThat(simClr.jitterProbability())
                .isEqualTo(probabilities.get("jitter").doubleValue());
        assertThat(simClr.grayscaleProbability())
                .isEqualTo(probabilities.get("grayscale").doubleValue());
        assertThat(simClr.blurProbability()).isEqualTo(probabilities.get("blur").doubleValue());
        assertThat(ViewTransforms.FLIP_PROBABILITY)
                .isEqualTo(probabilities.get("flip").doubleValue());
        assertThat(simClr.smallestArea()).isEqualTo(0.08);
    }

    @Test
    void uniformsGiveTorchvisionsFactorsAndBytes() {
        for (JsonNode expected : pillow.get("jitters")) {
            double[] uniforms = doubles(expected.get("u_brightness_contrast_saturation_hue"));
            int[] used = {0};
            ColorJitter jitter = ColorJitter.of(simClr.jitter(), order(expected), () -> uniforms[used[0]++]);
            assertThat(factors(jitter)).containsExactly(doubles(expected.get("factors")), within(1e-12));
            double[] f = factors(jitter);
            Planes image = VectorPixels.planes(pillow.get("image_HWC_u8"));
            for (int i = 0; i < jitter.order().size(); i++) {
                new ColorJitter(jitter.order().subList(i, i + 1), f[0], f[1], f[2], f[3]).apply(image);
                assertThat(VectorPixels.bytes(image))
                        .isEqualTo(VectorPixels.bytes(expected.get("after_each").get(i)));
            }
            Enhance.grayscale(image);
            assertThat(VectorPixels.bytes(image)).isEqualTo(VectorPixels.bytes(expected.get("then_grayscale")));
        }
    }

    /** Flips before and after the other transforms give the same bytes. */
    @Test
    void viewsAreTorchvisionsInBothOrders() {
        RgbImage source = VectorPixels.image(pillow.get("source_HWC_u8"));
        for (JsonNode expected : pillow.get("views")) {
            int[] crop = Arrays.stream(doubles(expected.get("crop_top_left_h_w")))
                    .mapToInt(number -> (int) number)
                    .toArray();
            double[] factors = doubles(expected.get("factors"));
            JsonNode sigma = expected.get("blur_sigma");
            ViewParameters parameters = new ViewParameters(
                    new Box(crop[1], crop[0], crop[3], crop[2]),
                    expected.get("jitter").booleanValue()
                            ? Optional.of(
                                    new ColorJitter(order(expected), factors[0], factors[1], factors[2], factors[3]))
                            : Optional.empty(),
                    expected.get("grayscale").booleanValue(),
                    sigma.isNull() ? OptionalDouble.empty() : OptionalDouble.of(sigma.doubleValue()),
                    expected.get("flip").booleanValue());
            int size = expected.get("out_size").intValue();
            byte[] view = new byte[size * size * 3];
            for (ViewTransforms transforms : List.of(simClr, ViewTransforms.of(Augmentation.AUG_PLUS))) {
                parameters.apply(transforms, source, size, view);
                assertThat(view).isEqualTo(VectorPixels.bytes(expected.get("result_simclr_order")));
                assertThat(view).isEqualTo(VectorPixels.bytes(expected.get("result_moco_order")));
            }
            assertPixel(view, size, expected);
        }
    }

    private static void assertPixel(byte[] view, int size, JsonNode expected) {
        for (int c = 0; c < 3; c++) {
            assertThat((view[c] & 0xff) / 255.0)
                    .isCloseTo(expected.get("first_pixel_0_1").get(c).doubleValue(), within(1e-12));
        }
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram images = TorchProgram.compile(Device.cpu(), "/dev/moco/training/resnet/images.py")) {
            NDArray bytes = manager.create(ByteBuffer.wrap(view), new Shape(1, size, size, 3), DataType.UINT8);
            double[] normalized = images.call(manager, "normalize_images", bytes, manager.create(new double[] {0}))
                    .singletonOrThrow()
                    .get("0, :, 0, 0")
                    .toDoubleArray();
            assertThat(normalized).containsExactly(doubles(expected.get("first_pixel_normalised")), within(1e-9));
        }
    }

    /** The official code's floating-point form, which is another: recorded so that a difference can be named. */
    @Test
    void theOfficialColorsAreOfFloatingPoint() {
        double[][][] image = scaled(pillow.get("image_HWC_u8"));
        for (JsonNode expected : file.get("official_float").get("cases")) {
            boolean additive = expected.get("brightness_kind").textValue().equals("additive");
            double[] parameters = doubles(expected.get("parameters_brightness_contrast_saturation_hue"));
            double[][][] found = image;
            List<Adjustment> order = order(expected);
            for (int i = 0; i < order.size(); i++) {
                Adjustment adjustment = order.get(i);
                found = OfficialDistortion.adjust(
                        found, adjustment, parameters[ADJUSTMENTS.indexOf(adjustment)], additive);
                assertClose(found, expected.get("after_each_op_and_clip").get(i));
            }
            assertClose(OfficialDistortion.grayscale(found), expected.get("then_grayscale"));
        }
    }

    @Test
    void theOfficialBlurPadsWithZeros() {
        JsonNode blur = file.get("official_float").get("blur");
        assertThat(OfficialDistortion.taps(224))
                .isEqualTo(blur.get("taps_at_224").intValue());
        double[] channel = doubles(blur.get("image_channel0_u8"));
        for (JsonNode expected : blur.get("cases")) {
            int size = expected.get("size").intValue();
            assertThat(size / 10).isEqualTo(expected.get("kernel_size_argument").intValue());
            assertThat(OfficialDistortion.taps(size))
                    .isEqualTo(expected.get("taps").intValue());
            double[][][] image = new double[size][size][3];
            for (int i = 0; i < channel.length; i++) {
                image[i / size][i % size][0] = channel[i] / 255;
                image[size - 1 - i / size][i % size][1] = channel[i] / 255;
            }
            double[] kernel = OfficialDistortion.kernel(
                    expected.get("taps").intValue(), expected.get("sigma").doubleValue());
            assertThat(kernel).containsExactly(doubles(expected.get("kernel")), within(1e-9));
            double[][][] blurred = OfficialDistortion.blur(image, kernel);
            double[] found = Stream.of(blurred[0], blurred[9])
                    .flatMapToDouble(row -> Arrays.stream(row).flatMapToDouble(pixel -> Arrays.stream(pixel, 0, 2)))
                    .toArray();
            assertThat(found).containsExactly(doubles(expected.get("rows_0_and_9_channels_0_1")), within(1e-6));
        }
    }

    private static List<Adjustment> order(JsonNode expected) {
        return StreamSupport.stream(expected.get("order").spliterator(), false)
                .map(number -> ADJUSTMENTS.get(number.intValue()))
                .toList();
    }

    private static double[] factors(ColorJitter jitter) {
        return new double[] {jitter.brightness(), jitter.contrast(), jitter.saturation(), jitter.hue()};
    }

    /** Compares one end of each range: all factors for the uniform number 0 or 1. */
    private static void assertRange(Strength strength, int end, JsonNode ranges) {
        double[] found = factors(ColorJitter.of(strength, List.of(), () -> end));
        double[] expected = Stream.of("brightness", "contrast", "saturation", "hue")
                .mapToDouble(name -> ranges.get(name).get(end).doubleValue())
                .toArray();
        assertThat(found).containsExactly(expected, within(1e-12));
    }

    private static double[][][] scaled(JsonNode rows) {
        RgbImage image = VectorPixels.image(rows);
        double[][][] scaled = new double[image.height()][image.width()][3];
        IntStream.range(0, image.pixels().length)
                .forEach(i -> scaled[i / 3 / image.width()][i / 3 % image.width()][i % 3] =
                        (image.pixels()[i] & 0xff) / 255.0);
        return scaled;
    }

    private static void assertClose(double[][][] found, JsonNode expected) {
        double[] flat = Arrays.stream(found)
                .flatMap(Arrays::stream)
                .flatMapToDouble(Arrays::stream)
                .toArray();
        assertThat(flat).containsExactly(doubles(expected), within(1e-6));
    }
}
