package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Metrics of a finished stage; accuracies and precisions are in percent. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "stage")
public interface StageResult {

    /** Metrics in percent by name, for a stage whose results the report compares with nothing. */
    default Map<String, Double> metrics() {
        return Map.of();
    }

    /** Description of a file that was read, for the report's list of facts; empty for most stages. */
    default Optional<String> origin() {
        return Optional.empty();
    }

    /** Training images that were prepared; 0 for a stage that prepares none. */
    default long trainImages() {
        return 0;
    }

    /**
     * Counts of a prepared data set.
     *
     * @param skipped bad images that were left out
     * @param bad the first of them, each with the reason
     * @param objects annotated objects of all images
     * @param warned images of which the decoder gave a warning; they may be partly gray
     * @param clipped images with boxes outside of them, which were clipped
     */
    record Prepared(
            long trainImages,
            long validationImages,
            int classes,
            long bytes,
            long skipped,
            List<String> bad,
            @AddedLater(neutral = "0") long objects,
            @AddedLater(neutral = Named.NONE) Named warned,
            @AddedLater(neutral = Named.NONE) Named clipped)
            implements StageResult {

        public Prepared {
            Bounds.count("named bad images", bad.size(), Named.MAX_NAMES);
            bad = List.copyOf(bad);
            bad.forEach(image -> Bounds.text("name of a bad image", image, Named.MAX_TEXT));
        }

        /** A data set in which all images are whole. */
        public Prepared(
                long trainImages, long validationImages, int classes, long bytes, long skipped, List<String> bad) {
            this(trainImages, validationImages, classes, bytes, skipped, bad, 0, Named.of(), Named.of());
        }
    }

    /** A number of things, and the first of them by name. */
    record Named(long count, List<String> names) {
        /** Most names. */
        public static final int MAX_NAMES = 20;

        static final String NONE = "{\"count\":0,\"names\":[]}";
        private static final int MAX_TEXT = 8192;

        public Named {
            Bounds.count("names", names.size(), MAX_NAMES);
            names = List.copyOf(names);
            names.forEach(name -> Bounds.text("a name", name, MAX_TEXT));
        }

        /** None. */
        public static Named of() {
            return new Named(0, List.of());
        }
    }

    /**
     * A file of weights that was read.
     *
     * @param file name of the file
     * @param md5 MD5 of its bytes in hex, by which published checkpoints are known
     * @param sha256 SHA-256 of its bytes in hex
     * @param content its format, its names, and which parts of it are used
     */
    record Imported(String file, String md5, String sha256, String content) implements StageResult {
        private static final int MAX_TEXT = 8192;

        public Imported {
            Bounds.text("name of a file", file, MAX_TEXT);
            Bounds.text("md5", md5, 32);
            Bounds.text("sha256", sha256, 64);
            Bounds.text("content of a file", content, MAX_TEXT);
        }

        @Override
        public Optional<String> origin() {
            return Optional.of(file + ": " + content + ", MD5 " + md5 + ", SHA-256 " + sha256);
        }
    }

    /**
     * Means of the last epoch.
     *
     * @param knnTop1 null if the monitor is disabled
     * @param validation accuracy of a network that was trained with classes; null of one that was not
     * @param cost memory and time of its steps; null of a result from before they were measured
     */
    record Pretrained(
            double loss,
            double top1,
            double top5,
            @Nullable Double knnTop1,
            @Nullable Double knnTop1Untrained,
            @AddedLater(neutral = "null") @Nullable Accuracy validation,
            @AddedLater(neutral = "null") @Nullable StepCost cost)
            implements StageResult {
        /** A result without accuracy on validation images and without costs. */
        public Pretrained(
                double loss, double top1, double top5, @Nullable Double knnTop1, @Nullable Double knnTop1Untrained) {
            this(loss, top1, top5, knnTop1, knnTop1Untrained, null, null);
        }

        public Pretrained {
            Bounds.number("loss", loss);
            Bounds.percent("top1", top1);
            Bounds.percent("top5", top5);
            Bounds.percent("knnTop1", knnTop1);
            Bounds.percent("knnTop1Untrained", knnTop1Untrained);
        }

        public Pretrained withCost(@Nullable StepCost newCost) {
            return new Pretrained(loss, top1, top5, knnTop1, knnTop1Untrained, validation, newCost);
        }
    }

    /** Accuracy on the validation images, after the last epoch. */
    record Accuracy(double top1, double top5) {
        public Accuracy {
            Bounds.percent("top1", top1);
            Bounds.percent("top5", top5);
        }
    }

    /**
     * Validation accuracy of the best and of the last epoch (docs/method.md §2: the paper does not say which it
     * reports).
     */
    record Classified(
            double bestTop1, double bestTop5, int bestEpoch, double lastTop1, double lastTop5, double trainLoss)
            implements StageResult {
        public Classified {
            Bounds.percent("bestTop1", bestTop1);
            Bounds.percent("bestTop5", bestTop5);
            Bounds.percent("lastTop1", lastTop1);
            Bounds.percent("lastTop5", lastTop5);
            Bounds.number("trainLoss", trainLoss);
        }
    }

    /** Validation accuracy by weighted nearest neighbors. */
    record KnnAccuracy(double top1) implements StageResult {
        public KnnAccuracy {
            Bounds.percent("top1", top1);
        }

        @Override
        public Map<String, Double> metrics() {
            return Map.of("top-1", top1);
        }
    }

    /** Average precision by three evaluators; the paper reports {@code voc07}. */
    record Detected(
            AveragePrecision voc07,
            AveragePrecision vocArea,
            AveragePrecision coco,
            List<ClassAveragePrecision> classes)
            implements StageResult {
        private static final int MAX_CLASSES = 1000;

        public Detected {
            Bounds.count("classes", classes.size(), MAX_CLASSES);
            classes = List.copyOf(classes);
        }
    }

    /**
     * Average precision, mean over the classes: AP50 at IoU 0.5, AP the mean over IoU 0.5:0.05:0.95, AP75 at IoU 0.75.
     */
    record AveragePrecision(double ap50, double ap, double ap75) {
        public AveragePrecision {
            Bounds.percent("ap50", ap50);
            Bounds.percent("ap", ap);
            Bounds.percent("ap75", ap75);
        }
    }

    /** VOC07 average precision of one class; null if the test set has no object of it that is not difficult. */
    record ClassAveragePrecision(
            String name,
            @Nullable Double ap50,
            @Nullable Double ap,
            @Nullable Double ap75) {
        private static final int MAX_NAME = 128;

        public ClassAveragePrecision {
            Bounds.text("name of a class", name, MAX_NAME);
            Bounds.percent("ap50", ap50);
            Bounds.percent("ap", ap);
            Bounds.percent("ap75", ap75);
        }
    }
}
