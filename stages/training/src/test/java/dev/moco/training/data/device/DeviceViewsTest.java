package dev.moco.training.data.device;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.augment.ViewParameters;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewPlace;
import dev.moco.training.engine.TorchEngine;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceViewsTest {
    private static final int[][] SHAPES = {
        {1, 1}, {2, 3}, {1, 90}, {200, 1}, {7, 700}, {900, 11}, {32, 32}, {31, 33}, {224, 224}, {500, 375}, {375, 500}
    };

    @ParameterizedTest(name = "{0} at {1}, {2} images")
    @CsvSource({"AUG_PLUS, 32, 220", "V1, 32, 220", "AUG_PLUS, 224, 22", "V1, 224, 11", "AUG_PLUS, 5, 99", "V1, 1, 33"})
    void deviceAndHostMakeTheSameBytes(Augmentation augmentation, int size, int count) {
        PretrainView view = PretrainView.of(augmentation, size);
        List<RgbImage> images =
                IntStream.range(0, count).mapToObj(DeviceViewsTest::image).toList();
        try (NDManager manager = TorchEngine.start(1);
                BatchViews host = BatchViews.open(manager, view, ViewPlace.HOST);
                BatchViews device = BatchViews.open(manager, view, ViewPlace.ALL_ON_DEVICE)) {
            BatchViews.Pair expected = host.of(manager, batch(view, images, ViewPlace.HOST));
            for (ViewPlace place : List.of(ViewPlace.COLOR_ON_DEVICE, ViewPlace.ALL_ON_DEVICE)) {
                BatchViews.Pair found = device.of(manager, batch(view, images, place));
                assertSame(found.query(), expected.query());
                assertSame(found.key(), expected.key());
            }
        }
    }

    @Test
    void parametersWithoutATransformLeaveTheCropUnchanged() {
        PretrainView view = PretrainView.of(Augmentation.AUG_PLUS, 32);
        List<RgbImage> images = List.of(image(6));
        ViewParameters plain = IntStream.iterate(0, seed -> seed + 1)
                .mapToObj(seed -> view.draw(images.get(0), new CounterRandom(seed)))
                .filter(draw -> draw.jitter().isEmpty()
                        && !draw.grayscale()
                        && draw.sigma().isEmpty()
                        && !draw.flip())
                .findFirst()
                .orElseThrow();
        try (NDManager manager = TorchEngine.start(1);
                DeviceViews device = new DeviceViews(manager, view)) {
            NDArray crop = BatchViews.upload(manager, pixels(view, images, List.of(plain), true), 1, 32, 32, 3);
            assertSame(device.augment(manager, crop, List.of(plain)), crop);
        }
    }

    /** An image of noise, or of color gradients with a little noise. */
    private static RgbImage image(int number) {
        int width = SHAPES[number % SHAPES.length][0];
        int height = SHAPES[number % SHAPES.length][1];
        CounterRandom random = CounterRandom.of(3, number);
        byte[] pixels = new byte[width * height * 3];
        random.nextBytes(pixels);
        if (number % 2 == 0) {
            for (int i = 0; i < pixels.length; i++) {
                int x = i / 3 % width;
                int y = i / 3 / width;
                pixels[i] =
                        (byte) (127 + 100 * Math.sin(x * 0.02 + i % 3 + number) * Math.cos(y * 0.03) + pixels[i] / 9.0);
            }
        }
        return new RgbImage(width, height, pixels);
    }

    private static ViewBatch batch(PretrainView view, List<RgbImage> images, ViewPlace place) {
        return new ViewBatch(
                views(view, images, place, 0),
                views(view, images, place, 1),
                place == ViewPlace.ALL_ON_DEVICE ? images.toArray(RgbImage[]::new) : new RgbImage[0],
                new int[images.size()],
                new int[images.size()],
                () -> {});
    }

    private static ViewBatch.Views views(PretrainView view, List<RgbImage> images, ViewPlace place, int side) {
        List<ViewParameters> draws = new ArrayList<>();
        for (RgbImage image : images) {
            draws.add(view.draw(image, CounterRandom.of(9, draws.size(), side)));
        }
        ByteBuffer pixels = place == ViewPlace.ALL_ON_DEVICE
                ? ByteBuffer.allocateDirect(0)
                : pixels(view, images, draws, place == ViewPlace.COLOR_ON_DEVICE);
        return new ViewBatch.Views(pixels, draws.toArray(ViewParameters[]::new));
    }

    private static ByteBuffer pixels(
            PretrainView view, List<RgbImage> images, List<ViewParameters> draws, boolean cropsOnly) {
        byte[] one = new byte[view.size() * view.size() * 3];
        ByteBuffer all = ByteBuffer.allocateDirect(images.size() * one.length);
        for (int i = 0; i < images.size(); i++) {
            if (cropsOnly) {
                draws.get(i).crop(images.get(i), view.size(), one);
            } else {
                draws.get(i).apply(view.transforms(), images.get(i), view.size(), one);
            }
            all.put(one);
        }
        return all.flip();
    }

    private static void assertSame(NDArray found, NDArray expected) {
        assertThat(found.getShape()).isEqualTo(expected.getShape());
        byte[] bytes = found.toByteArray();
        int first = Arrays.mismatch(bytes, expected.toByteArray());
        assertThat(first)
                .as("index of the first different byte, of " + bytes.length)
                .isEqualTo(-1);
    }
}
