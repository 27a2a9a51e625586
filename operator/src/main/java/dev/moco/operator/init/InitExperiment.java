package dev.moco.operator.init;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.moco.contract.Printable;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Text of an experiment for a folder of images, with a comment for each line. */
public final class InitExperiment {
    private static final double LINEAR_RATE = 30;
    private static final double PAPER_BATCH = 256;
    private static final long PAPER_BOXES = 16_551;
    private static final int PAPER_ITERATIONS = 24_000;
    private static final int LEAST_ITERATIONS = 500;
    /** Below so many images with boxes a batch has 4 of them. */
    private static final long FEW_BOXES = 2_000;

    /** Texts that YAML reads as they are, and words that it does not. */
    private static final Pattern PLAIN = Pattern.compile("([A-Za-z/]|[.][.]?(?=/|$))([\\w./ -]*[\\w./-])?");

    private static final Pattern WORD = Pattern.compile("(?i)true|false|null|yes|no|on|off|y|n");

    private final List<String> lines = new ArrayList<>();

    private InitExperiment() {}

    /**
     * Sizes and counts that are read of the images and annotations themselves.
     *
     * @param side median of the images' shorter sides in pixels
     * @param boxImages number of training images with boxes
     * @param boxClasses names of detection classes, empty for VOC's own
     */
    public record Contents(int side, long boxImages, List<String> boxClasses) {
        public Contents {
            boxClasses = List.copyOf(boxClasses);
        }
    }

    /** Returns whether a folder has enough images for an experiment. */
    public static boolean hasEnough(FolderShape shape) {
        return shape.train() >= FittingSizes.LEAST;
    }

    /** The fewest images that are enough. */
    public static int least() {
        return FittingSizes.LEAST;
    }

    /**
     * Writes the text of an experiment, as YAML.
     *
     * @param name of the experiment
     * @param folder that the shape describes, as the experiment names it
     * @param epochs passes over the images in pre-training
     */
    public static String yaml(String name, String folder, FolderShape shape, Contents contents, int epochs) {
        InitExperiment text = new InitExperiment();
        FittingSizes sizes = FittingSizes.of(shape.train(), shape.classes(), contents.side(), epochs);
        text.head(name, shape);
        text.data(folder, shape, contents);
        text.pretrain(shape, sizes, contents);
        text.linear(shape, sizes);
        text.detection(shape, contents);
        text.retention(sizes);
        return String.join("\n", text.lines) + "\n";
    }

    private void head(String name, FolderShape shape) {
        lines.add(
                "# Made by moco init. `moco plan FILE` tells time and memory; docs/method.md says what the fields do.");
        shape.remarks().forEach(remark -> lines.add("# " + Printable.line(remark)));
        lines.add("apiVersion: moco.dev/v1alpha1");
        lines.add("kind: MoCoExperiment");
        lines.add("metadata:");
        line("  name: " + quoted(name), "results of other experiments that share stages with this one are used again");
        lines.add("spec:");
    }

    private void data(String folder, FolderShape shape, Contents contents) {
        lines.add("  data:");
        String images = join(folder, shape.images());
        if (shape.labeled()) {
            line(
                    "    imagenet: " + quoted(images),
                    "train/ with " + number(shape.train()) + " images and val/ with " + number(shape.validation())
                            + ", of " + number(shape.classes()) + " classes");
        } else {
            line("    imagenet: " + quoted(images), number(shape.train()) + " images");
            line("    unlabeled: true", "takes them without classes, in whatever folders they are");
        }
        line("    onBadImage: Skip", "images that cannot be decoded are left out and named; Fail ends with the first");
        shape.boxes().ifPresent(boxes -> {
            line(
                    "    voc: " + quoted(join(folder, boxes.folder())),
                    number(contents.boxImages()) + " training images with boxes");
            line("    vocYears: " + boxes.years(), "the years that are there");
            if (!contents.boxClasses().isEmpty()) {
                line(
                        "    vocClasses: ["
                                + String.join(
                                        ", ",
                                        contents.boxClasses().stream()
                                                .map(InitExperiment::quoted)
                                                .toList())
                                + "]",
                        "classes of the boxes");
            }
        });
    }

    private void pretrain(FolderShape shape, FittingSizes sizes, Contents contents) {
        lines.add("  pretrain:");
        line("    arch: " + sizes.arch(), "resnet50 is the paper's, and takes three times as long as resnet18");
        line(
                "    imageSize: " + sizes.imageSize(),
                "side of a view in pixels; the images' shorter side is " + contents.side() + " in the middle");
        line("    epochs: " + sizes.epochs(), "passes over the images; the rate falls with a cosine to 0");
        line("    batchSize: " + sizes.batchSize(), "images in a step");
        line(
                "    ranks: " + sizes.ranks(),
                "slices of the batch with batch norm of their own, between which images move");
        line(
                "    queueSize: " + sizes.queueSize(),
                "negative keys: a multiple of batchSize, below the number of images");
        line("    keyMomentum: " + sizes.keyMomentum(), "of the key encoder: 0.999 in the paper, lower for few steps");
        line("    learningRate: " + number(sizes.learningRate()), "0.03 for a batch of 256");
        if (shape.labeled()) {
            line(
                    "    knn: {everyEpochs: " + Math.min(10, Math.max(1, sizes.epochs() / 4)) + ", neighbors: "
                            + sizes.neighbors() + "}",
                    "watches pre-training by nearest neighbors of val/");
        }
    }

    private void linear(FolderShape shape, FittingSizes sizes) {
        lines.add("  linear:");
        if (!shape.labeled()) {
            line("    enabled: false", "needs classes, and images of val/");
            return;
        }
        line("    baseline: true", "classifies an untrained encoder, too, as a comparison");
        line("    epochs: " + sizes.linearEpochs(), "passes over the training images");
        line("    batchSize: " + sizes.linearBatchSize(), "images in a step");
        line(
                "    learningRate: " + number(LINEAR_RATE * sizes.linearBatchSize() / PAPER_BATCH),
                "30 for a batch of 256");
        line(
                "    milestones: " + List.of(sizes.linearEpochs() * 6 / 10, sizes.linearEpochs() * 8 / 10),
                "epochs at which the rate falls to a tenth");
    }

    private void detection(FolderShape shape, Contents contents) {
        lines.add("  detection:");
        if (shape.boxes().isEmpty()) {
            line("    enabled: false", "needs boxes, in VOC's layout");
            return;
        }
        boolean few = contents.boxImages() < FEW_BOXES;
        long hundreds = PAPER_ITERATIONS * contents.boxImages() / PAPER_BOXES / 100;
        int iterations = (int) Math.max(LEAST_ITERATIONS, hundreds * 100) * (few ? 4 : 1);
        line("    trials: 1", "runs with other seeds; the paper has 5");
        line("    iterations: " + iterations, "steps, about 23 passes over the images as in the paper");
        line("    milestones: " + List.of(iterations * 3 / 4, iterations * 11 / 12), "steps at which the rate falls");
        if (few) {
            line("    batchSize: 4", "images in a step");
            line("    ranks: 1", "slices of the batch");
            line("    learningRate: 0.005", "0.02 for a batch of 16");
        }
    }

    private void retention(FittingSizes sizes) {
        lines.add("  retention:");
        line(
                "    checkpoints: {everyEpochs: " + Math.max(1, sizes.epochs() / 4) + "}",
                "stay in the store, for moco eval and for longer runs; moco du has their size");
    }

    private void line(String yaml, String comment) {
        lines.add(String.format(Locale.ROOT, "%-34s # %s", yaml, comment));
    }

    private static String join(String folder, String below) {
        return below.isEmpty() ? folder : folder.equals(".") ? below : folder + "/" + below;
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String number(double value) {
        return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }

    /** A text as YAML has it, which JSON is a part of. */
    private static String quoted(String text) {
        return PLAIN.matcher(text).matches() && !WORD.matcher(text).matches()
                ? text
                : '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
    }
}
