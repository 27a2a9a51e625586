package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Fine-tuning of a detector, and its evaluation. */
@ValidationRule(value = Ranks.MULTIPLE, fieldPath = ".batchSize", messageExpression = Ranks.MULTIPLE_MESSAGE)
@ValidationRule(value = Milestones.ASCEND, fieldPath = ".milestones", messageExpression = Milestones.ASCEND_MESSAGE)
@ValidationRule(
        value = Milestones.BELOW + "self.iterations)",
        fieldPath = ".milestones",
        messageExpression = "'must be below the %s iterations, found %s'.format([self.iterations, self.milestones])")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record DetectionSpec(
        @JsonPropertyDescription("False leaves the stage out, and AP50, AP and AP75 empty.") @Default("true")
        Boolean enabled,

        @JsonPropertyDescription(
                "Independent trainings, with seeds that count up; results are their mean and standard deviation. Each"
                        + " has a key of its own: another resource with more trials computes only the new ones.")
        @Default("5")
        @Min(1)
        @Max(20)
        Integer trials,

        @JsonPropertyDescription("Steps of SGD.") @Default("24000") @Min(1) @Max(100_000_000)
        Integer iterations,

        @JsonPropertyDescription("Images in a step, all ranks together: a multiple of ranks.")
        @Default("16")
        @Min(1)
        @Max(65_536)
        Integer batchSize,

        @JsonPropertyDescription(
                "Ranks that share the batch and its batch-norm statistics. They define the result. The GPUs of a pod"
                        + " are resources.detect.gpus.")
        @Default("8")
        @Min(1)
        @Max(1024)
        Integer ranks,

        @Renamed("ranks") @Nullable Integer gpus,

        @JsonPropertyDescription("Learning rate after the warm-up.")
        @Default("0.02")
        @Min(value = 0, inclusive = false)
        @Max(1000)
        Double learningRate,

        @JsonPropertyDescription("Momentum of SGD.") @Default("0.9") @Min(0) @Max(1)
        Double momentum,

        @JsonPropertyDescription("L2 penalty on every weight.") @Default("0.0001") @Min(0) @Max(1)
        Double weightDecay,

        @JsonPropertyDescription(
                "Iterations at which the learning rate is multiplied by 0.1: ascending, below iterations."
                        + " Defaults to " + DetectionSpec.FIRST_MILESTONE + " and " + DetectionSpec.SECOND_MILESTONE
                        + ".")
        @Size(max = 100)
        @Nullable
        List<@Min(1) @Max(100_000_000) Integer> milestones,

        @JsonPropertyDescription("Iterations in which the learning rate rises from a thousandth.")
        @Default("100")
        @Min(0)
        @Max(1_000_000)
        Integer warmupIterations,

        @JsonPropertyDescription("Short sides of training images in pixels, of which one is drawn for each image.")
        @Default("[480, 512, 544, 576, 608, 640, 672, 704, 736, 768, 800]")
        @Size(min = 1, max = 100)
        List<@Min(16) @Max(10_000) Integer> trainSizes,

        @JsonPropertyDescription("Short side of test images in pixels.") @Default("800") @Min(16) @Max(10_000)
        Integer testSize,

        @JsonPropertyDescription("Longest long side of an image in pixels.") @Default("1333") @Min(16) @Max(20_000)
        Integer maxSize,

        @JsonPropertyDescription("Sizes of anchors: the square roots of their areas in pixels.")
        @Default("[32, 64, 128, 256, 512]")
        @Size(min = 1, max = 100)
        List<@Min(1) @Max(10_000) Integer> anchorSizes,

        @JsonPropertyDescription("Aspect ratios of anchors, height by width.")
        @Default("[0.5, 1, 2]")
        @Size(min = 1, max = 100)
        List<@Min(value = 0, inclusive = false) @Max(100) Double> anchorRatios,

        @JsonPropertyDescription("Anchors sampled in an image to train the RPN.")
        @Default("256")
        @Min(1)
        @Max(1_000_000)
        Integer anchorsPerImage,

        @JsonPropertyDescription("Proposals kept before NMS, in training.") @Default("12000") @Min(1) @Max(1_000_000)
        Integer trainProposalsBeforeNms,

        @JsonPropertyDescription("Proposals kept after NMS, in training.") @Default("2000") @Min(1) @Max(1_000_000)
        Integer trainProposals,

        @JsonPropertyDescription("Proposals kept before NMS, at test.") @Default("6000") @Min(1) @Max(1_000_000)
        Integer testProposalsBeforeNms,

        @JsonPropertyDescription("Proposals kept after NMS, at test.") @Default("1000") @Min(1) @Max(1_000_000)
        Integer testProposals,

        @JsonPropertyDescription("IoU above which the lower-scored of two proposals is dropped.")
        @Default("0.7")
        @Min(value = 0, inclusive = false)
        @Max(1)
        Double proposalNmsThreshold,

        @JsonPropertyDescription("Regions sampled in an image to train the box predictor.")
        @Default("512")
        @Min(1)
        @Max(1_000_000)
        Integer regionsPerImage,

        @JsonPropertyDescription("Cells on a side of the grid into which RoIAlign pools a region.")
        @Default("14")
        @Min(2)
        @Max(64)
        Integer poolerSize,

        @JsonPropertyDescription("Least score of a detection.") @Default("0.05") @Min(0) @Max(1)
        Double scoreThreshold,

        @JsonPropertyDescription("IoU above which the lower-scored of two detections of a class is dropped.")
        @Default("0.5")
        @Min(value = 0, inclusive = false)
        @Max(1)
        Double nmsThreshold,

        @JsonPropertyDescription("Detections kept for an image.") @Default("100") @Min(1) @Max(1_000_000)
        Integer detectionsPerImage,

        @JsonPropertyDescription("Forward passes that estimate the batch-norm statistics again after the last step.")
        @Default("200")
        @Min(0)
        @Max(100_000)
        Integer preciseBnIterations,

        @JsonPropertyDescription(
                "Arithmetic: Float32 is the paper's; TF32 and BFloat16 are faster on a GPU. A CPU computes TF32 as Float32.")
        @Default("Float32")
        Precision precision,

        @JsonPropertyDescription("Seed of the first trial; the others count up. Defaults to pretrain.seed.")
        @Min(0)
        @Max(Syntax.LARGEST)
        @Nullable
        Long seed,

        @UnknownFields @Nullable Map<String, Object> unknown) {
    /** Milestones where the spec has none. */
    public static final int FIRST_MILESTONE = 18_000;

    public static final int SECOND_MILESTONE = 22_000;
}
