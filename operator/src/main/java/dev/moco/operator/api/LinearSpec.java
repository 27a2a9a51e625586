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

/** Linear classification on frozen features. */
@ValidationRule(
        value = Milestones.ONLY_WITH_STEP,
        fieldPath = ".milestones",
        messageExpression = Milestones.ONLY_WITH_STEP_MESSAGE)
@ValidationRule(value = Milestones.ASCEND, fieldPath = ".milestones", messageExpression = Milestones.ASCEND_MESSAGE)
@ValidationRule(
        value = Milestones.BELOW_EPOCHS,
        fieldPath = ".milestones",
        messageExpression = Milestones.BELOW_EPOCHS_MESSAGE)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LinearSpec(
        @JsonPropertyDescription("False leaves the stage out, and TOP1 empty.") @Default("true")
        Boolean enabled,

        @JsonPropertyDescription(
                "True also trains a classifier on an encoder with its initial weights, to show what pre-training"
                        + " gained.")
        @Default("false")
        Boolean baseline,

        @JsonPropertyDescription("Passes over the training images.") @Default("100") @Min(1) @Max(100_000)
        Integer epochs,

        @JsonPropertyDescription("Images in a step.") @Default("256") @Min(1) @Max(1 << 20)
        Integer batchSize,

        @JsonPropertyDescription("Side of a crop in pixels. Defaults to pretrain.imageSize.")
        @Min(16)
        @Max(4096)
        @Nullable
        Integer imageSize,

        @JsonPropertyDescription("Learning rate of the first epoch.")
        @Default("30")
        @Min(value = 0, inclusive = false)
        @Max(100_000)
        Double learningRate,

        @JsonPropertyDescription("Momentum of SGD.") @Default("0.9") @Min(0) @Max(1)
        Double momentum,

        @JsonPropertyDescription("L2 penalty on the classifier.") @Default("0") @Min(0) @Max(1)
        Double weightDecay,

        @JsonPropertyDescription(
                "Decay of the learning rate: Step, by a factor of 0.1 at each of milestones, or Cosine to zero.")
        @Default("Step")
        Schedule schedule,

        @JsonPropertyDescription(
                "Epochs at which schedule Step multiplies the learning rate by 0.1: ascending, below epochs. Cosine has"
                        + " none. With Step, defaults to " + LinearSpec.FIRST_MILESTONE + " and "
                        + LinearSpec.SECOND_MILESTONE + ".")
        @Size(max = 100)
        @Nullable
        List<@Min(1) @Max(100_000_000) Integer> milestones,

        @JsonPropertyDescription(
                "Arithmetic: Float32 is the paper's; TF32 and BFloat16 are faster on a GPU. A CPU computes TF32 as Float32.")
        @Default("Float32")
        Precision precision,

        @JsonPropertyDescription("Seed of classifier, order and augmentation. Defaults to pretrain.seed.")
        @Min(0)
        @Max(Syntax.LARGEST)
        @Nullable
        Long seed,

        @UnknownFields @Nullable Map<String, Object> unknown)
        implements SgdSpec {
    /** Milestones of schedule Step where the spec has none. */
    public static final int FIRST_MILESTONE = 60;

    public static final int SECOND_MILESTONE = 80;
}
