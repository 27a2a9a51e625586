package dev.moco.training.bench;

import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.training.bench.LoaderRate.Rounds;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewLoader;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code moco bench input}: the loader without a device. */
@Command(
        name = "input",
        mixinStandardHelpOptions = true,
        description = {
            "Times the loader of pre-training without a device; it makes two views of each image.",
            "Images are decoded again at each use; files come from the page cache if they fit there."
        })
final class InputBench implements Callable<Integer> {
    private static final int ROUNDS = 5;
    private static final long SEED = 0;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    BenchMain bench;

    @Parameters(paramLabel = "DIR", description = "Class folders of JPEGs or PNGs.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path folder;

    @Option(names = "--workers", paramLabel = "N", description = "Threads of the loader. Default: all cores")
    int workers = Runtime.getRuntime().availableProcessors();

    @Option(names = "--images", paramLabel = "N", description = "Timed images. Default: ${DEFAULT-VALUE}")
    int images = 1000;

    @Option(
            names = "--warmup",
            paramLabel = "N",
            description = "Images before the timed ones, to warm up the JIT compiler. Default: ${DEFAULT-VALUE}")
    int warmup = 500;

    @Mixin
    ViewOptions size = new ViewOptions();

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "host",
            description = {
                "host: the loader decodes and makes both views, with Pillow's pixels;",
                "color: the loader decodes and crops; color jitter, blur and flip are left to a device;",
                "decode: the loader only decodes; crops are left to a device, too. Default: ${DEFAULT-VALUE}"
            })
    InputMode mode = InputMode.HOST;

    @Override
    public Integer call() throws Exception {
        BenchMain.requireAtLeast("--workers", workers, 1);
        BenchMain.requireAtLeast("--images", images, 1);
        BenchMain.requireAtLeast("--warmup", warmup, 0);
        size.check(1, 1);
        Rounds rounds = new Rounds(
                (warmup + size.batchSize - 1) / size.batchSize,
                ROUNDS,
                Math.max(1, (images + ROUNDS * size.batchSize - 1) / (ROUNDS * size.batchSize)));
        FolderImages set = FolderImages.of(folder, rounds.batches() * size.batchSize);
        ImageDecoder decoder = ImageDecoder.create();
        LoaderRate rate;
        try (ViewLoader loader = new ViewLoader(
                        DecodedImages.uncached(set, decoder),
                        PretrainView.of(Augmentation.AUG_PLUS, size.imageSize),
                        mode.place(),
                        size.batchSize,
                        SEED,
                        workers);
                BatchStream<ViewBatch> batches = loader.epoch(0, 0)) {
            rate = LoaderRate.measure(batches, size.batchSize, rounds);
        }
        bench.print(report(rate, set, decoder), workers);
        return 0;
    }

    private BenchReport report(LoaderRate rate, FolderImages set, ImageDecoder decoder) {
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("folder", folder.toString());
        settings.put("files", set.files());
        settings.put("workers", workers);
        settings.put("images", images);
        settings.put("warmup", warmup);
        settings.put("imageSize", size.imageSize);
        settings.put("batchSize", size.batchSize);
        settings.put("mode", ComputeOptions.optionValue(mode));
        settings.put("decoder", decoder.jpegDecoder());
        String title = "bench input: two views of " + size.imageSize + " px of each image, mode "
                + ComputeOptions.optionValue(mode) + " ("
                + mode.description() + "), " + workers + " workers, " + decoder.jpegDecoder();
        return rates(new BenchReport("input", title, settings), rate);
    }

    static BenchReport rates(BenchReport report, LoaderRate rate) {
        report.images(rate.batchSize(), rate.perBatch()).line("images/s", BenchReport.text(rate.imagesPerSecond(), ""));
        rate.imagesPerCoreSecond()
                .ifPresentOrElse(
                        images -> report.field("imagesPerCoreSecond", images)
                                .line("images/core-s", BenchReport.format(images)),
                        () -> report.line("images/core-s", "not measurable, too few images; set a larger --images"));
        return report;
    }
}
