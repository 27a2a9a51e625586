package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.moco.contract.Architecture;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Pre-training. */
@ValidationRule(
        value = Ranks.GIVEN + "self.queueSize % self.batchSize == 0",
        fieldPath = ".queueSize",
        messageExpression = "'must be a multiple of batchSize (%s), found %s'.format([self.batchSize, self.queueSize])")
@ValidationRule(value = Ranks.MULTIPLE, fieldPath = ".batchSize", messageExpression = Ranks.MULTIPLE_MESSAGE)
@ValidationRule(
        value = Ranks.GIVEN + "self.batchSize % self.ranks != 0 || self.batchSize / self.ranks >= 2",
        fieldPath = ".batchSize",
        messageExpression = "'must give each of the %s ranks at least 2 images, or batch norm has none to compare,"
                + " found %s'.format([self.ranks, self.batchSize])")
@ValidationRule(
        value = Milestones.ONLY_WITH_STEP,
        fieldPath = ".milestones",
        messageExpression = Milestones.ONLY_WITH_STEP_MESSAGE)
@ValidationRule(value = Milestones.ASCEND, fieldPath = ".milestones", messageExpression = Milestones.ASCEND_MESSAGE)
@ValidationRule(
        value = Milestones.BELOW_EPOCHS,
        fieldPath = ".milestones",
        messageExpression = Milestones.BELOW_EPOCHS_MESSAGE)
@ValidationRule(
        value = "has(self.from) == has(oldSelf.from)",
        fieldPath = ".from",
        messageExpression =
                "has(self.from) ? 'cannot be added, found %s. It defines the result: create another resource;"
                        + " what both share is computed once'.format([self.from.file]) : 'cannot be taken away, it was %s. It"
                        + " defines the result: create another resource; what both share is computed"
                        + " once'.format([oldSelf.from.file])")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record PretrainSpec(
        @JsonPropertyDescription(
                "Weights to start with, and what else of their file comes along. Without it, all starts with random"
                        + " numbers.")
        @Nullable
        InitialSpec from,

        @JsonPropertyDescription("Backbone of both encoders, and of linear and detection after it.")
        @Default("resnet50")
        Architecture arch,

        @JsonPropertyDescription("Passes over the training images.") @Default("200") @Min(1) @Max(100_000)
        Integer epochs,

        @JsonPropertyDescription("Images in a step, all ranks together: a multiple of ranks, with at least 2 for each.")
        @Default("256")
        @Min(2)
        @Max(1 << 20)
        Integer batchSize,

        @JsonPropertyDescription(
                "Groups of images with batch-norm statistics of their own, shuffled between them as 8 GPUs do in the"
                        + " paper. They define the result. The GPUs of a pod are resources.pretrain.gpus.")
        @Default("8")
        @Min(1)
        @Max(1024)
        Integer ranks,

        @Renamed("ranks") @Nullable Integer gpus,

        @JsonPropertyDescription("Negative keys in the queue, K in the paper: a multiple of batchSize.")
        @Default("65536")
        @Min(2)
        @Max(1 << 24)
        Integer queueSize,

        @JsonPropertyDescription(
                "Temperature of the contrastive softmax, tau in the paper. The default is MoCo v2's; v1 has 0.07.")
        @Default("0.2")
        @Min(value = 0, inclusive = false)
        @Max(100)
        Double temperature,

        @JsonPropertyDescription("Momentum of the key encoder, m in the paper.") @Default("0.999") @Min(0) @Max(1)
        Double keyMomentum,

        @JsonPropertyDescription("True gives the encoders MoCo v2's projection head of two layers, false v1's of one.")
        @Default("true")
        Boolean mlp,

        @JsonPropertyDescription("Length of a key.") @Default("128") @Min(2) @Max(65_536)
        Integer dim,

        @JsonPropertyDescription("Side of a view in pixels.") @Default("224") @Min(16) @Max(4096)
        Integer imageSize,

        @JsonPropertyDescription("True augments as MoCo v2 does (with blur), false as v1.") @Default("true")
        Boolean augPlus,

        @JsonPropertyDescription("Learning rate of the first epoch.")
        @Default("0.03")
        @Min(value = 0, inclusive = false)
        @Max(1000)
        Double learningRate,

        @JsonPropertyDescription("Momentum of SGD.") @Default("0.9") @Min(0) @Max(1)
        Double momentum,

        @JsonPropertyDescription("L2 penalty on every weight.") @Default("0.0001") @Min(0) @Max(1)
        Double weightDecay,

        @JsonPropertyDescription(
                "Decay of the learning rate: Cosine to zero, as in MoCo v2, or Step, by a factor of 0.1 at each of"
                        + " milestones, as in v1.")
        @Default("Cosine")
        Schedule schedule,

        @JsonPropertyDescription(
                "Epochs at which schedule Step multiplies the learning rate by 0.1: ascending, below epochs. Cosine has"
                        + " none. With Step, defaults to " + PretrainSpec.FIRST_MILESTONE + " and "
                        + PretrainSpec.SECOND_MILESTONE + ".")
        @Size(max = 100)
        @Nullable
        List<@Min(1) @Max(100_000_000) Integer> milestones,

        @JsonPropertyDescription(
                "Arithmetic: Float32 is the paper's; TF32 and BFloat16 are faster on a GPU and keep weights in"
                        + " float32. A CPU computes TF32 as Float32.")
        @Default("Float32")
        Precision precision,

        @JsonPropertyDescription("Seed of weights, queue, order, augmentation and shuffles.")
        @Default("0")
        @Min(0)
        @Max(Syntax.LARGEST)
        Long seed,

        @JsonPropertyDescription(
                "Nearest-neighbor classifier that monitors pre-training; it changes no weight. A committed pre-training"
                        + " that is used again keeps the metrics of its first run.")
        @Default("{}")
        @Immutable(
                "It is fixed for the life of a resource, and a committed pre-training keeps the metrics of its first run")
        Knn knn,

        @UnknownFields @Nullable Map<String, Object> unknown)
        implements SgdSpec {
    /** The rule of every field beside an encoder, as text. */
    public static final String LEFT_OUT = "must be absent, as spec.encoder replaces pre-training";

    /** Milestones of schedule Step where the spec has none. */
    public static final int FIRST_MILESTONE = 120;

    public static final int SECOND_MILESTONE = 160;

    /** The monitor. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Knn(
            @JsonPropertyDescription(
                    "Epochs between two runs of the monitor; it also runs before the first epoch and after the last. 0"
                            + " turns it off.")
            @Default("10")
            @Min(0)
            @Max(100_000)
            Integer everyEpochs,

            @JsonPropertyDescription("Neighbors that vote.") @Default("200") @Min(1) @Max(100_000)
            Integer neighbors,

            @Renamed("neighbors") @Nullable Integer neighbours,

            @JsonPropertyDescription("A vote weighs exp(similarity / temperature).")
            @Default("0.1")
            @Min(value = 0, inclusive = false)
            @Max(100)
            Double temperature,

            @JsonPropertyDescription("Training images to search; 0 takes all.")
            @Default("50000")
            @Min(0)
            @Max(Integer.MAX_VALUE)
            Integer bankImages,

            @UnknownFields @Nullable Map<String, Object> unknown) {}
}
