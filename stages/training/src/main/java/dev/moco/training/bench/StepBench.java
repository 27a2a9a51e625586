package dev.moco.training.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.artifacts.StepTimes;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.StepThreads;
import dev.moco.training.bench.LoaderRate.Rounds;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.EpochOrder;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.device.BatchViews;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewLoader;
import dev.moco.training.data.loader.ViewPlace;
import dev.moco.training.engine.Algorithms;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.pretrain.Method;
import dev.moco.training.pretrain.MocoState;
import dev.moco.training.pretrain.MomentumContrast;
import dev.moco.training.resnet.EncoderLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code moco bench step}: steps of pre-training. */
@Command(
        name = "step",
        mixinStandardHelpOptions = true,
        description = {
            "Times steps of MoCo pre-training: both encoders, queue and SGD.",
            "Images are random bytes in memory; with --data, they are two views of each image of a folder."
        })
final class StepBench implements Callable<Integer> {
    private static final long SEED = 0;
    /** Least number of images in a round in which the loader is measured alone. */
    private static final int LOADER_IMAGES = 256;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    BenchMain bench;

    @Mixin
    ComputeOptions compute = new ComputeOptions();

    @Mixin
    RepetitionOptions repetitions = new RepetitionOptions(2, 6);

    @Option(
            names = "--head",
            paramLabel = "NAME",
            defaultValue = "mlp",
            description = "mlp (v2) or fc (v1). Default: ${DEFAULT-VALUE}")
    Head head = Head.MLP;

    @Mixin
    ViewOptions size = new ViewOptions();

    @Option(
            names = "--ranks",
            paramLabel = "N",
            description = "Slices of the batch, each with its own batch-norm statistics, as GPUs have them; 8 in the"
                    + " paper. Default: ${DEFAULT-VALUE}")
    int ranks = 1;

    @Option(names = "--queue-size", paramLabel = "K", description = "Negative keys. Default: ${DEFAULT-VALUE}")
    int queueSize = 65_536;

    @Option(names = "--dim", paramLabel = "N", description = "Length of a key. Default: ${DEFAULT-VALUE}")
    int dim = 128;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Class folders of JPEGs or PNGs, read by the loader of pre-training; the report then has the"
                    + " share of time in which steps wait for images, and whether the loader keeps up.")
    @Nullable
    Path data;

    @Option(
            names = "--deterministic",
            description = "Only algorithms of the GPU that add in the same order at every run, as `moco run"
                    + " --deterministic` takes.")
    boolean deterministic;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Writes the time of each operation of one more step, whose ranks run one after another, as"
                    + " JSON for Perfetto or chrome://tracing.")
    @Nullable
    Path trace;

    @Override
    public Integer call() throws Exception {
        PretrainConfig config = config();
        StepThreads split = StepThreads.of(config, compute.threads);
        try (NDManager manager = TorchEngine.start(split.withinOperation(), compute.device(), compute.precision);
                RankThreads rankThreads = new RankThreads(split.ranks())) {
            TorchEngine.choose(Algorithms.of(deterministic, Algorithms.TIMED));
            EncoderLayout layout = EncoderLayout.of(compute.arch, head, dim);
            MocoState state = MocoState.initial(manager, layout, dim, queueSize, SEED);
            try (MomentumContrast contrast =
                    new MomentumContrast(layout, MomentumContrast.Settings.of(config), state, 0, rankThreads)) {
                BenchReport report = new BenchReport("step", title(), settings(manager, split));
                bench.print(
                        data == null
                                ? fromMemory(report, manager, contrast, config)
                                : fromFolder(report, manager, contrast, config, data),
                        compute.threads);
            }
        }
        return 0;
    }

    private PretrainConfig config() {
        compute.check();
        repetitions.check();
        BenchMain.requireAtLeast("--ranks", ranks, 1);
        size.check(16, 2L * ranks);
        BenchMain.requireAtLeast("--queue-size", queueSize, 1);
        BenchMain.requireAtLeast("--dim", dim, 1);
        PretrainConfig config = new PretrainConfig(
                compute.arch,
                head,
                dim,
                size.imageSize,
                Augmentation.AUG_PLUS,
                1,
                size.batchSize,
                ranks,
                new Contrast(queueSize, 0.2, 0.999),
                new Optimizer(0.03, 0.9, 1e-4, Schedule.COSINE, List.of()),
                compute.precision,
                SEED);
        Method.of(config).check(Integer.MAX_VALUE);
        return config;
    }

    private BenchReport fromMemory(
            BenchReport report, NDManager manager, MomentumContrast contrast, PretrainConfig config) throws Exception {
        NDArray query = randomImages(manager, 0);
        NDArray key = randomImages(manager, 1);
        BenchReport timed = timed(report, repetitions.time(number -> step(contrast, config, query, key, number)));
        if (trace != null) {
            TorchEngine.trace(trace, () -> step(contrast, config, query, key, repetitions.warmup + repetitions.steps));
        }
        return timed;
    }

    private BenchReport fromFolder(
            BenchReport report, NDManager manager, MomentumContrast contrast, PretrainConfig config, Path folder)
            throws Exception {
        Rounds alone = new Rounds(2, 3, Math.max(1, (LOADER_IMAGES + size.batchSize - 1) / size.batchSize));
        int batches = repetitions.warmup + repetitions.steps + alone.batches();
        DecodedImages images =
                DecodedImages.uncached(FolderImages.of(folder, batches * size.batchSize), ImageDecoder.create());
        PretrainView view = PretrainView.of(config.augmentation(), size.imageSize);
        ViewPlace place = BatchViews.place(manager.getDevice());
        AtomicLong waited = new AtomicLong();
        try (ViewLoader loader = new ViewLoader(images, view, place, size.batchSize, SEED, compute.threads);
                BatchViews views = BatchViews.open(manager, view, place);
                BatchStream<ViewBatch> stream = loader.epoch(0, 0)) {
            Timings timings = repetitions.time(number -> {
                if (number == repetitions.warmup) {
                    waited.set(stream.waitNanos());
                }
                try (ViewBatch loaded = stream.next();
                        NDManager scope = manager.newSubManager()) {
                    BatchViews.Pair pair = views.of(scope, loaded);
                    step(contrast, config, pair.query(), pair.key(), number);
                }
            });
            double wait = (stream.waitNanos() - waited.get()) / 1e9;
            LoaderRate rate = LoaderRate.measure(stream, size.batchSize, alone);
            return withLoader(timed(report, timings), timings, wait, rate);
        }
    }

    private void step(MomentumContrast contrast, PretrainConfig config, NDArray query, NDArray key, int number) {
        int[] shuffle = EpochOrder.of(SEED, number, size.batchSize);
        contrast.step(query, key, shuffle, config.optimizer().learningRate());
    }

    private NDArray randomImages(NDManager manager, int number) {
        byte[] bytes = new byte[Math.multiplyExact(3 * size.imageSize * size.imageSize, size.batchSize)];
        CounterRandom.of(SEED, number).nextBytes(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        return BatchViews.upload(manager, direct, size.batchSize, size.imageSize, size.imageSize, 3);
    }

    private BenchReport timed(BenchReport report, Timings timings) throws IOException {
        new StepTimes(bench.work)
                .put(config(), compute.threads, timings.spread().median());
        return report.images(size.batchSize, timings)
                .line("images/s", BenchReport.text(timings.rates(size.batchSize), ""))
                .line("seconds a step", repetitions.text(timings));
    }

    private BenchReport withLoader(BenchReport report, Timings timings, double wait, LoaderRate rate) {
        double share = wait / timings.total();
        double device = size.batchSize * repetitions.steps / (timings.total() - wait);
        double loader = rate.imagesPerSecond().median();
        boolean keepsUp = loader >= device;
        return report.field("dataWaitShare", share)
                .field("loaderImagesPerSecond", loader)
                .field("deviceImagesPerSecond", device)
                .field("keepsUp", keepsUp)
                .line("waits for data", BenchReport.percent(share) + " of the time")
                .line(
                        "loader",
                        "the loader makes " + BenchReport.format(loader) + " images/s, the device takes "
                                + BenchReport.format(device) + ": " + (keepsUp ? "keeps up" : "falls behind"));
    }

    private String title() {
        return "bench step: MoCo step, " + compute.arch.id() + ", " + ComputeOptions.optionValue(head) + " head, "
                + size.imageSize + " px, batch " + size.batchSize + ", " + ranks + (ranks == 1 ? " rank" : " ranks")
                + ", K "
                + queueSize + ", " + ComputeOptions.optionValue(compute.precision) + ", "
                + (data == null ? "random images in memory" : "images of " + data);
    }

    private Map<String, Object> settings(NDManager manager, StepThreads split) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("device", manager.getDevice().getDeviceType());
        settings.put("arch", compute.arch.id());
        settings.put("head", ComputeOptions.optionValue(head));
        settings.put("imageSize", size.imageSize);
        settings.put("batchSize", size.batchSize);
        settings.put("ranks", ranks);
        settings.put("ranksAtOnce", split.ranks());
        settings.put("queueSize", queueSize);
        settings.put("dim", dim);
        settings.put("precision", ComputeOptions.optionValue(compute.precision));
        settings.put("deterministic", deterministic);
        settings.put("warmup", repetitions.warmup);
        settings.put("steps", repetitions.steps);
        settings.put("data", data == null ? "random" : data.toString());
        return settings;
    }
}
