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
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
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
            "Images are random bytes in memory, or with --data two views each of a folder's images."
        })
final class StepBench implements Callable<Integer> {
    private static final long SEED = 0;
    /** Images of the loader's own rounds, at least. */
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

    @Option(names = "--image-size", paramLabel = "PIXELS", description = "Side of a view. Default: ${DEFAULT-VALUE}")
    int imageSize = 224;

    @Option(names = "--batch", paramLabel = "N", description = "Images of all ranks. Default: ${DEFAULT-VALUE}")
    int batch = 32;

    @Option(
            names = "--ranks",
            paramLabel = "N",
            description = "Groups of the batch with batch-norm statistics of their own; 8 in the paper."
                    + " Default: ${DEFAULT-VALUE}")
    int ranks = 1;

    @Option(names = "--queue", paramLabel = "K", description = "Negative keys. Default: ${DEFAULT-VALUE}")
    int queue = 65_536;

    @Option(names = "--dimension", paramLabel = "N", description = "Length of a key. Default: ${DEFAULT-VALUE}")
    int dimension = 128;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Class folders of JPEGs or PNGs that feed the steps by the loader of pre-training; adds the"
                    + " share of the time that is waited for them, and whether the loader keeps up.")
    @Nullable
    Path data;

    @Option(
            names = "--trace",
            paramLabel = "FILE",
            description = "Write how long each operation of one more step takes, as JSON for Perfetto or"
                    + " chrome://tracing; of a step whose ranks run one after another.")
    @Nullable
    Path trace;

    @Override
    public Integer call() throws Exception {
        PretrainConfig config = config();
        StepThreads split = StepThreads.of(config, compute.threads);
        try (NDManager manager = TorchEngine.start(split.withinOperation(), compute.device());
                RankThreads rankThreads = new RankThreads(split.ranks())) {
            TorchEngine.timeAlgorithms();
            EncoderLayout layout = EncoderLayout.of(compute.architecture, head, dimension);
            MocoState state = MocoState.initial(manager, layout, dimension, queue, SEED);
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
        BenchMain.require("--image-size", imageSize, 16);
        BenchMain.require("--ranks", ranks, 1);
        BenchMain.require("--batch", batch, 2L * ranks);
        BenchMain.require("--queue", queue, 1);
        BenchMain.require("--dimension", dimension, 1);
        PretrainConfig config = new PretrainConfig(
                compute.architecture,
                head,
                dimension,
                imageSize,
                Augmentation.AUG_PLUS,
                1,
                batch,
                ranks,
                new Contrast(queue, 0.2, 0.999),
                new Optimizer(0.03, 0.9, 1e-4, Schedule.COSINE, List.of()),
                compute.precision,
                SEED);
        MomentumContrast.check(config);
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
        Rounds alone = new Rounds(2, 3, Math.max(1, (LOADER_IMAGES + batch - 1) / batch));
        int batches = repetitions.warmup + repetitions.steps + alone.batches();
        DecodedImages images = DecodedImages.notKept(FolderImages.of(folder, batches * batch), ImageDecoder.create());
        PretrainView view = PretrainView.of(config.augmentation(), imageSize);
        ViewPlace place = BatchViews.place(manager.getDevice());
        AtomicLong waited = new AtomicLong();
        try (ViewLoader loader = new ViewLoader(images, view, place, batch, SEED, compute.threads);
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
            LoaderRate rate = LoaderRate.measure(stream, batch, alone);
            return verdict(timed(report, timings), timings, wait, rate);
        }
    }

    private void step(MomentumContrast contrast, PretrainConfig config, NDArray query, NDArray key, int number) {
        int[] shuffle = EpochOrder.of(SEED, number, batch);
        contrast.step(query, key, shuffle, config.optimizer().learningRate());
    }

    private NDArray randomImages(NDManager manager, int number) {
        byte[] bytes = new byte[Math.multiplyExact(3 * imageSize * imageSize, batch)];
        CounterRandom.of(SEED, number).nextBytes(bytes);
        ByteBuffer direct = ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
        return BatchViews.upload(manager, direct, batch, imageSize, imageSize, 3);
    }

    private BenchReport timed(BenchReport report, Timings timings) throws IOException {
        new StepTimes(bench.work)
                .put(config(), compute.threads, timings.spread().median());
        return report.images(batch, timings)
                .line("images/s", BenchReport.text(timings.rates(batch), ""))
                .line("a step", repetitions.text(timings));
    }

    private BenchReport verdict(BenchReport report, Timings timings, double wait, LoaderRate rate) {
        double share = wait / timings.total();
        double device = batch * repetitions.steps / (timings.total() - wait);
        double loader = rate.imagesPerSecond().median();
        boolean keepsUp = loader >= device;
        return report.field("dataWaitShare", share)
                .field("loaderImagesPerSecond", loader)
                .field("deviceImagesPerSecond", device)
                .field("keepsUp", keepsUp)
                .line("waits for data", BenchReport.percent(share) + " of the time")
                .line(
                        "loader",
                        "the loader makes " + BenchReport.figure(loader) + " images/s, the device takes "
                                + BenchReport.figure(device) + ": " + (keepsUp ? "keeps up" : "falls behind"));
    }

    private String title() {
        return "bench step: MoCo step, " + compute.architecture.id() + ", " + ComputeOptions.word(head) + " head, "
                + imageSize + " px, batch " + batch + ", " + ranks + (ranks == 1 ? " rank" : " ranks") + ", K " + queue
                + ", " + ComputeOptions.word(compute.precision) + ", "
                + (data == null ? "random images in memory" : "images of " + data);
    }

    private Map<String, Object> settings(NDManager manager, StepThreads split) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("device", manager.getDevice().getDeviceType());
        settings.put("architecture", compute.architecture.id());
        settings.put("head", ComputeOptions.word(head));
        settings.put("imageSize", imageSize);
        settings.put("batch", batch);
        settings.put("ranks", ranks);
        settings.put("ranksAtOnce", split.ranks());
        settings.put("queue", queue);
        settings.put("dimension", dimension);
        settings.put("precision", ComputeOptions.word(compute.precision));
        settings.put("warmup", repetitions.warmup);
        settings.put("steps", repetitions.steps);
        settings.put("data", data == null ? "random" : data.toString());
        return settings;
    }
}
