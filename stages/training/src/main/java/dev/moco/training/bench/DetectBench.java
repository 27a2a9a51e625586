package dev.moco.training.bench;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.DetectConfig.Anchors;
import dev.moco.contract.DetectConfig.Input;
import dev.moco.contract.DetectConfig.Proposals;
import dev.moco.contract.DetectConfig.Regions;
import dev.moco.contract.DetectConfig.Solver;
import dev.moco.contract.Precision;
import dev.moco.training.detect.DetectorWorkload;
import dev.moco.training.engine.TorchEngine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code moco bench detect}: training iterations or inference of Faster R-CNN. */
@Command(
        name = "detect",
        mixinStandardHelpOptions = true,
        description = {
            "Times iterations of Faster R-CNN C4 on random images and boxes in memory.",
            "The numbers of anchors, proposals and regions are those of the paper."
        })
final class DetectBench implements Callable<Integer> {
    /** Small, so that training on noise does not diverge. */
    private static final double LEARNING_RATE = 1e-4;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    BenchMain bench;

    @Mixin
    ComputeOptions compute = new ComputeOptions();

    @Mixin
    RepetitionOptions repetitions = new RepetitionOptions(1, 4);

    @Option(names = "--batch-size", paramLabel = "N", description = "Images of an iteration. Default: ${DEFAULT-VALUE}")
    int batchSize = 2;

    @Option(names = "--height", paramLabel = "PIXELS", description = "Height of an image. Default: ${DEFAULT-VALUE}")
    int height = 600;

    @Option(names = "--width", paramLabel = "PIXELS", description = "Width of an image. Default: ${DEFAULT-VALUE}")
    int width = 800;

    @Option(names = "--boxes", paramLabel = "N", description = "Objects of an image. Default: ${DEFAULT-VALUE}")
    int boxes = 3;

    @Option(names = "--infer", description = "Time inference, one image after another, instead of training.")
    boolean infer;

    @Override
    public Integer call() throws Exception {
        compute.check();
        repetitions.check();
        BenchMain.requireAtLeast("--batch-size", batchSize, 1);
        BenchMain.requireAtLeast("--height", height, 32);
        BenchMain.requireAtLeast("--width", width, 32);
        BenchMain.requireAtLeast("--boxes", boxes, 1);
        try (NDManager manager = TorchEngine.start(compute.threads, compute.device(), compute.precision);
                DetectorWorkload workload = new DetectorWorkload(
                        manager,
                        config(compute.arch, compute.precision, batchSize, 1, height, width),
                        height,
                        width,
                        boxes)) {
            Timings timings = repetitions.time(number -> {
                if (infer) {
                    workload.detect();
                } else {
                    workload.train(number, LEARNING_RATE);
                }
            });
            BenchReport report = new BenchReport("detect", title(), settings(manager))
                    .images(batchSize, timings)
                    .line("images/s", BenchReport.text(timings.rates(batchSize), ""))
                    .line("seconds", repetitions.text(timings));
            bench.print(report, compute.threads);
        }
        return 0;
    }

    /** Configuration of the paper's R50-C4 (docs/method.md §3.1-3.2), for images of one size. */
    static DetectConfig config(
            Architecture arch, Precision precision, int batchSize, int ranks, int height, int width) {
        return new DetectConfig(
                arch,
                new Input(List.of(Math.min(height, width)), Math.min(height, width), Math.max(height, width)),
                new Anchors(List.of(32, 64, 128, 256, 512), List.of(0.5, 1.0, 2.0)),
                new Proposals(256, 0.5, 12_000, 2000, 6000, 1000, 0.7),
                new Regions(512, 0.25, 14, 0.05, 0.5, 100),
                new Solver(24_000, batchSize, ranks, LEARNING_RATE, 0.9, 1e-4, List.of(18_000, 22_000), 100, 0.001),
                0,
                precision,
                0);
    }

    private String title() {
        return "bench detect: Faster R-CNN C4, " + compute.arch.id() + ", "
                + (infer ? "inference" : "training") + ", " + batchSize + (batchSize == 1 ? " image" : " images")
                + " of "
                + height + "x" + width + ", " + boxes + " boxes each, " + ComputeOptions.optionValue(compute.precision);
    }

    private Map<String, Object> settings(NDManager manager) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("device", manager.getDevice().getDeviceType());
        settings.put("arch", compute.arch.id());
        settings.put("batchSize", batchSize);
        settings.put("height", height);
        settings.put("width", width);
        settings.put("boxes", boxes);
        settings.put("infer", infer);
        settings.put("precision", ComputeOptions.optionValue(compute.precision));
        settings.put("warmup", repetitions.warmup);
        settings.put("steps", repetitions.steps);
        return settings;
    }
}
