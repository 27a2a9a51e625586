package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The figures a finished stage reports; rates and precisions are in percent. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "stage")
@JsonSubTypes({
    @JsonSubTypes.Type(value = StageResult.Prepared.class, name = "prepare"),
    @JsonSubTypes.Type(value = StageResult.Pretrained.class, name = "pretrain"),
    @JsonSubTypes.Type(value = StageResult.Classified.class, name = "linear"),
    @JsonSubTypes.Type(value = StageResult.Detected.class, name = "detect")
})
public sealed interface StageResult {

    /** Images written and bad images left out, with the first few of their names. */
    record Prepared(long trainImages, long validationImages, int classes, long bytes, long skipped, List<String> bad)
            implements StageResult {
        public Prepared {
            bad = List.copyOf(bad);
        }
    }

    /** Means of the last epoch; kNN top-1 is null where the monitor is off. */
    record Pretrained(
            double loss,
            double top1,
            double top5,
            @Nullable Double knnTop1,
            @Nullable Double knnTop1Untrained) implements StageResult {}

    /** Validation accuracy of the best and of the last epoch (docs/method.md §2: the paper does not say which it reports). */
    record Classified(
            double bestTop1, double bestTop5, int bestEpoch, double lastTop1, double lastTop5, double trainLoss)
            implements StageResult {}

    /** Average precision by three evaluators; {@code voc07} is the paper's. */
    record Detected(
            AveragePrecision voc07,
            AveragePrecision vocArea,
            AveragePrecision coco,
            List<ClassAveragePrecision> classes)
            implements StageResult {
        public Detected {
            classes = List.copyOf(classes);
        }
    }

    /** AP at IoU .50, mean over .50:.05:.95, and AP at .75. */
    record AveragePrecision(double ap50, double ap, double ap75) {}

    /** VOC07 AP of one class; null where the test set has no counted object of it. */
    record ClassAveragePrecision(
            String name,
            @Nullable Double ap50,
            @Nullable Double ap,
            @Nullable Double ap75) {}
}
