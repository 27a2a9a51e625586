package dev.moco.training.bench;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.augment.ViewParameters;
import dev.moco.training.data.device.BatchViews;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewPlace;
import dev.moco.training.engine.TorchEngine;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParentCommand;

/** {@code moco bench augment}: the part of augmentation that a GPU does. */
@Command(
        name = "augment",
        mixinStandardHelpOptions = true,
        description = {
            "Times the part of augmentation that pre-training does on a GPU, for two views of each image: copying the"
                    + " crops there, color jitter, grayscale, blur and flip.",
            "Crops are random bytes in memory; their random parameters are drawn as in pre-training."
        })
final class AugmentBench implements Callable<Integer> {
    private static final long SEED = 0;
    /**
     * Size of the images, ImageNet's usual one; the parameters of the transforms after the crop do not depend on it.
     */
    private static final int WIDTH = 500;

    private static final int HEIGHT = 375;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    BenchMain bench;

    @Mixin
    DeviceOptions compute = new DeviceOptions();

    @Mixin
    RepetitionOptions repetitions = new RepetitionOptions(2, 6);

    @Mixin
    ViewOptions size = new ViewOptions();

    @Override
    public Integer call() throws Exception {
        compute.check();
        repetitions.check();
        size.check(8, 1);
        PretrainView view = PretrainView.of(Augmentation.AUG_PLUS, size.imageSize);
        try (NDManager manager = TorchEngine.start(compute.threads, compute.device());
                BatchViews views = BatchViews.open(manager, view, ViewPlace.COLOR_ON_DEVICE);
                ViewBatch crops = new ViewBatch(
                        crops(view, 0),
                        crops(view, 1),
                        new RgbImage[0],
                        new int[size.batchSize],
                        new int[size.batchSize],
                        () -> {})) {
            Timings timings = repetitions.time(number -> {
                try (NDManager scope = manager.newSubManager()) {
                    // Reading a byte of the second view waits until the device has made both.
                    views.of(scope, crops).key().get(0, 0, 0).toByteArray();
                }
            });
            bench.print(report(timings), compute.threads);
        }
        return 0;
    }

    private ViewBatch.Views crops(PretrainView view, int number) {
        byte[] bytes = new byte[Math.multiplyExact(3 * size.imageSize * size.imageSize, size.batchSize)];
        CounterRandom.of(SEED, number).nextBytes(bytes);
        ViewParameters[] draws = new ViewParameters[size.batchSize];
        for (int i = 0; i < size.batchSize; i++) {
            draws[i] = ViewParameters.draw(view.transforms(), WIDTH, HEIGHT, CounterRandom.of(SEED, number, i));
        }
        return new ViewBatch.Views(
                ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), draws);
    }

    private BenchReport report(Timings timings) {
        return new BenchReport(
                        "augment",
                        "bench augment: copy, color, blur and flip of two views of " + size.imageSize
                                + " px of each image, batch " + size.batchSize + ", on "
                                + ComputeOptions.optionValue(compute.device),
                        Map.of(
                                "device",
                                ComputeOptions.optionValue(compute.device),
                                "imageSize",
                                size.imageSize,
                                "batchSize",
                                size.batchSize))
                .images(size.batchSize, timings)
                .line("images/s", BenchReport.text(timings.rates(size.batchSize), ""))
                .line("seconds a batch", repetitions.text(timings));
    }
}
