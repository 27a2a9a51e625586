package dev.moco.training.bench;

import picocli.CommandLine.Option;

/** Options of the benches that make views. */
final class ViewOptions {
    @Option(names = "--image-size", paramLabel = "PIXELS", description = "Side of a view. Default: ${DEFAULT-VALUE}")
    int imageSize = 224;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Images of a step, all ranks together. Default: ${DEFAULT-VALUE}")
    int batchSize = 32;

    void check(int leastImageSize, long leastBatchSize) {
        BenchMain.requireAtLeast("--image-size", imageSize, leastImageSize);
        BenchMain.requireAtLeast("--batch-size", batchSize, leastBatchSize);
    }
}
