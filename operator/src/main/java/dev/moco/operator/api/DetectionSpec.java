package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fine-tuning of a detector, and its evaluation. */
@ValidationRule(value = Ranks.MULTIPLE, fieldPath = ".batchSize", messageExpression = Ranks.MULTIPLE_MESSAGE)
@ValidationRule(value = Milestones.ASCEND, fieldPath = ".milestones", messageExpression = Milestones.ASCEND_MESSAGE)
@ValidationRule(
        value = Milestones.BELOW_ITERATIONS,
        fieldPath = ".milestones",
        messageExpression = Milestones.BELOW_ITERATIONS_MESSAGE)
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record DetectionSpec(
        @JsonPropertyDescription("False leaves the stage out, and AP50, AP and AP75 empty. Left out, it is true.")
        @Default("true")
        @Nullable
        Boolean enabled,

        @JsonPropertyDescription(
                "Independent trainings, with seeds that count up, from 1 to 20; figures are their mean and standard"
                        + " deviation. Each has a key of its own: another resource with more trials computes only the"
                        + " new ones. Left out, 5.")
        @Default("5")
        @Min(1)
        @Max(20)
        @Nullable
        Integer trials,

        @JsonPropertyDescription("Steps of SGD, from 1 to 100000000. Left out, 24000.")
        @Default("24000")
        @Min(1)
        @Max(100_000_000)
        @Nullable
        Integer iterations,

        @JsonPropertyDescription(
                "Images a step, all ranks together, from 1 to 65536; a multiple of gpus. Left out, 16.")
        @Default("16")
        @Min(1)
        @Max(65_536)
        @Nullable
        Integer batchSize,

        @JsonPropertyDescription(
                "Ranks that share the batch and its batch-norm statistics, from 1 to 1024. They define the result. What"
                        + " a pod is given is resources.detect.gpus. Left out, 8.")
        @Default("8")
        @Min(1)
        @Max(1024)
        @Nullable
        Integer gpus,

        @JsonPropertyDescription("Learning rate after the warm-up, above 0 up to 1000. Left out, 0.02.")
        @Default("0.02")
        @Min(value = 0, inclusive = false)
        @Max(1000)
        @Nullable
        Double learningRate,

        @JsonPropertyDescription("Momentum of SGD, from 0 to 1. Left out, 0.9.")
        @Default("0.9")
        @Min(0)
        @Max(1)
        @Nullable
        Double momentum,

        @JsonPropertyDescription("L2 penalty on every weight, from 0 to 1. Left out, 0.0001.")
        @Default("0.0001")
        @Min(0)
        @Max(1)
        @Nullable
        Double weightDecay,

        @JsonPropertyDescription(
                "Iterations at which the learning rate falls to a tenth: ascending, below iterations, at most 100 of"
                        + " them. Left out, 18000 and 22000.")
        @Size(max = 100)
        @Nullable
        List<@Min(1) @Max(100_000_000) Integer> milestones,

        @JsonPropertyDescription(
                "Iterations in which the learning rate rises from a thousandth, from 0 to 1000000. Left out, 100.")
        @Default("100")
        @Min(0)
        @Max(1_000_000)
        @Nullable
        Integer warmupIterations,

        @JsonPropertyDescription(
                "Short sides of training images in pixels, of which one is drawn for each: 1 to 100 numbers from 16 to"
                        + " 10000. Left out, 480 to 800 in steps of 32.")
        @Default("[480, 512, 544, 576, 608, 640, 672, 704, 736, 768, 800]")
        @Size(min = 1, max = 100)
        @Nullable
        List<@Min(16) @Max(10_000) Integer> trainSizes,

        @JsonPropertyDescription("Short side of test images in pixels, from 16 to 10000. Left out, 800.")
        @Default("800")
        @Min(16)
        @Max(10_000)
        @Nullable
        Integer testSize,

        @JsonPropertyDescription("Longest long side of an image in pixels, from 16 to 20000. Left out, 1333.")
        @Default("1333")
        @Min(16)
        @Max(20_000)
        @Nullable
        Integer maxSize,

        @JsonPropertyDescription(
                "Sizes of anchors, the square roots of their areas in pixels: 1 to 100 numbers from 1 to 10000. Left"
                        + " out, 32, 64, 128, 256 and 512.")
        @Default("[32, 64, 128, 256, 512]")
        @Size(min = 1, max = 100)
        @Nullable
        List<@Min(1) @Max(10_000) Integer> anchorSizes,

        @JsonPropertyDescription(
                "Ratios of anchors, height by width: 1 to 100 numbers above 0 up to 100. Left out, 0.5, 1 and 2.")
        @Default("[0.5, 1, 2]")
        @Size(min = 1, max = 100)
        @Nullable
        List<@Min(value = 0, inclusive = false) @Max(100) Double> anchorRatios,

        @JsonPropertyDescription("Anchors sampled in an image to train proposals, from 1 to 1000000. Left out, 256.")
        @Default("256")
        @Min(1)
        @Max(1_000_000)
        @Nullable
        Integer anchorsPerImage,

        @JsonPropertyDescription("Boxes kept before suppression, in training, from 1 to 1000000. Left out, 12000.")
        @Default("12000")
        @Min(1)
        @Max(1_000_000)
        @Nullable
        Integer trainProposalsBeforeNms,

        @JsonPropertyDescription("Boxes kept after suppression, in training, from 1 to 1000000. Left out, 2000.")
        @Default("2000")
        @Min(1)
        @Max(1_000_000)
        @Nullable
        Integer trainProposals,

        @JsonPropertyDescription("Boxes kept before suppression, at test, from 1 to 1000000. Left out, 6000.")
        @Default("6000")
        @Min(1)
        @Max(1_000_000)
        @Nullable
        Integer testProposalsBeforeNms,

        @JsonPropertyDescription("Boxes kept after suppression, at test, from 1 to 1000000. Left out, 1000.")
        @Default("1000")
        @Min(1)
        @Max(1_000_000)
        @Nullable
        Integer testProposals,

        @JsonPropertyDescription(
                "Overlap (IoU) above which the weaker of two proposals is dropped, above 0 up to 1. Left out, 0.7.")
        @Default("0.7")
        @Min(value = 0, inclusive = false)
        @Max(1)
        @Nullable
        Double proposalNmsThreshold,

        @JsonPropertyDescription(
                "Regions sampled in an image to train the classifier, from 1 to 1000000. Left out, 512.")
        @Default("512")
        @Min(1)
        @Max(1_000_000)
        @Nullable
        Integer regionsPerImage,

        @JsonPropertyDescription("Cells a side into which a region is pooled, from 2 to 64. Left out, 14.")
        @Default("14")
        @Min(2)
        @Max(64)
        @Nullable
        Integer poolerSize,

        @JsonPropertyDescription("Least score of a detection, from 0 to 1. Left out, 0.05.")
        @Default("0.05")
        @Min(0)
        @Max(1)
        @Nullable
        Double scoreThreshold,

        @JsonPropertyDescription(
                "Overlap (IoU) above which the weaker of two detections of a class is dropped, above 0 up to 1. Left"
                        + " out, 0.5.")
        @Default("0.5")
        @Min(value = 0, inclusive = false)
        @Max(1)
        @Nullable
        Double nmsThreshold,

        @JsonPropertyDescription("Detections kept for an image, from 1 to 1000000. Left out, 100.")
        @Default("100")
        @Min(1)
        @Max(1_000_000)
        @Nullable
        Integer detectionsPerImage,

        @JsonPropertyDescription(
                "Forward passes that estimate the batch-norm statistics anew after the last step, from 0 to 100000. Left"
                        + " out, 200.")
        @Default("200")
        @Min(0)
        @Max(100_000)
        @Nullable
        Integer preciseBnIterations,

        @JsonPropertyDescription(
                "Arithmetic: Float32 is the paper's; BFloat16 is faster on a GPU. Left out, it is Float32.")
        @Default("Float32")
        @Nullable
        Precision precision,

        @JsonPropertyDescription(
                "Seed of the first trial, from 0 to 2^53 - 1; the others count up. Left out, it is pretrain.seed.")
        @Min(0)
        @Max(Syntax.LARGEST)
        @Nullable
        Long seed) {}
