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
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code moco bench input}: the loader alone. */
@Command(
        name = "input",
        mixinStandardHelpOptions = true,
        description = {
            "Times the loader of pre-training, two views an image, without a device.",
            "Every image is decoded each time it is drawn; files are read from the page cache if they fit there."
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
            description = "Images before the timed ones, for the JIT compiler. Default: ${DEFAULT-VALUE}")
    int warmup = 500;

    @Option(names = "--size", paramLabel = "PIXELS", description = "Side of a view. Default: ${DEFAULT-VALUE}")
    int size = 224;

    @Option(names = "--batch", paramLabel = "N", description = "Images a batch. Default: ${DEFAULT-VALUE}")
    int batch = 32;

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            defaultValue = "host",
            description = {
                "host: decode and make both views, exactly as Pillow does;",
                "colour: decode and crop, as colour, blur and flip are left to a device;",
                "decode: decode alone, as crops are left to a device too. Default: ${DEFAULT-VALUE}"
            })
    InputMode mode = InputMode.HOST;

    @Override
    public Integer call() throws Exception {
        BenchMain.require("--workers", workers, 1);
        BenchMain.require("--images", images, 1);
        BenchMain.require("--warmup", warmup, 0);
        BenchMain.require("--size", size, 1);
        BenchMain.require("--batch", batch, 1);
        Rounds rounds = new Rounds(
                (warmup + batch - 1) / batch, ROUNDS, Math.max(1, (images + ROUNDS * batch - 1) / (ROUNDS * batch)));
        FolderImages set = FolderImages.of(folder, rounds.batches() * batch);
        ImageDecoder decoder = ImageDecoder.create();
        LoaderRate rate;
        try (ViewLoader loader = new ViewLoader(
                        DecodedImages.notKept(set, decoder),
                        PretrainView.of(Augmentation.AUG_PLUS, size),
                        mode.place(),
                        batch,
                        SEED,
                        workers);
                BatchStream<ViewBatch> batches = loader.epoch(0, 0)) {
            rate = LoaderRate.measure(batches, batch, rounds);
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
        settings.put("size", size);
        settings.put("batch", batch);
        settings.put("mode", ComputeOptions.word(mode));
        settings.put("decoder", decoder.jpegDecoder());
        String title = "bench input: two views of " + size + " px an image, mode " + ComputeOptions.word(mode) + " ("
                + mode.words() + "), " + workers + " workers, " + decoder.jpegDecoder();
        return rates(new BenchReport("input", title, settings), rate);
    }

    static BenchReport rates(BenchReport report, LoaderRate rate) {
        report.images(rate.batch(), rate.perBatch()).line("images/s", BenchReport.text(rate.imagesPerSecond(), ""));
        rate.imagesPerCoreSecond()
                .ifPresentOrElse(
                        images -> report.field("imagesPerCoreSecond", images)
                                .line("a core-second", BenchReport.figure(images) + " images"),
                        () -> report.line("a core-second", "too little work to tell; ask for more --images"));
        return report;
    }
}
