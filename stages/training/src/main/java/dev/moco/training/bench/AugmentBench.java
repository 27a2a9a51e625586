package dev.moco.training.bench;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.augment.ViewDraw;
import dev.moco.training.data.device.BatchViews;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewPlace;
import dev.moco.training.engine.TorchEngine;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code moco bench augment}: the device's part of making views. */
@Command(
        name = "augment",
        mixinStandardHelpOptions = true,
        description = {
            "Times what pre-training leaves to a GPU of its two views an image: crops are copied there, and colour, blur"
                    + " and flip follow.",
            "Crops are random bytes in memory; what is drawn for each is drawn as in pre-training."
        })
final class AugmentBench implements Callable<Integer> {
    private static final long SEED = 0;
    /** Of the images, which have ImageNet's usual size: what is drawn after the crop does not depend on it. */
    private static final int WIDTH = 500;

    private static final int HEIGHT = 375;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    BenchMain bench;

    @Mixin
    DeviceOptions compute = new DeviceOptions();

    @Mixin
    RepetitionOptions repetitions = new RepetitionOptions(2, 6);

    @Option(names = "--size", paramLabel = "PIXELS", description = "Side of a view. Default: ${DEFAULT-VALUE}")
    int size = 224;

    @Option(names = "--batch", paramLabel = "N", description = "Images a batch. Default: ${DEFAULT-VALUE}")
    int batch = 32;

    @Override
    public Integer call() throws Exception {
        compute.check();
        repetitions.check();
        BenchMain.require("--size", size, 8);
        BenchMain.require("--batch", batch, 1);
        PretrainView view = PretrainView.of(Augmentation.AUG_PLUS, size);
        try (NDManager manager = TorchEngine.start(compute.threads, compute.device());
                BatchViews views = BatchViews.open(manager, view, ViewPlace.COLOR_ON_DEVICE);
                ViewBatch crops = new ViewBatch(
                        crops(view, 0), crops(view, 1), new RgbImage[0], new int[batch], new int[batch], () -> {})) {
            Timings timings = repetitions.time(number -> {
                try (NDManager scope = manager.newSubManager()) {
                    // Waits for the device: its second view is made after the first.
                    views.of(scope, crops).key().get(0, 0, 0).toByteArray();
                }
            });
            bench.print(report(timings), compute.threads);
        }
        return 0;
    }

    private ViewBatch.Views crops(PretrainView view, int number) {
        byte[] bytes = new byte[Math.multiplyExact(3 * size * size, batch)];
        CounterRandom.of(SEED, number).nextBytes(bytes);
        ViewDraw[] draws = new ViewDraw[batch];
        for (int i = 0; i < batch; i++) {
            draws[i] = ViewDraw.draw(view.recipe(), WIDTH, HEIGHT, CounterRandom.of(SEED, number, i));
        }
        return new ViewBatch.Views(
                ByteBuffer.allocateDirect(bytes.length).put(bytes).flip(), draws);
    }

    private BenchReport report(Timings timings) {
        return new BenchReport(
                        "augment",
                        "bench augment: copy, colour, blur and flip of two views of " + size + " px an image, batch "
                                + batch + ", on " + ComputeOptions.word(compute.device),
                        Map.of("device", ComputeOptions.word(compute.device), "size", size, "batch", batch))
                .images(batch, timings)
                .line("images/s", BenchReport.text(timings.rates(batch), ""))
                .line("a batch", repetitions.text(timings));
    }
}
