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
@JsonIgnoreProperties(ignoreUnknown = true)
public record LinearSpec(
        @JsonPropertyDescription("False leaves the stage out, and TOP1 empty. Left out, it is true.")
        @Default("true")
        @Nullable
        Boolean enabled,

        @JsonPropertyDescription(
                "True also probes an encoder with its initial weights, to show what pre-training gained. Left out, it is"
                        + " false.")
        @Default("false")
        @Nullable
        Boolean baseline,

        @JsonPropertyDescription("Passes over the training images, from 1 to 100000. Left out, 100.")
        @Default("100")
        @Min(1)
        @Max(100_000)
        @Nullable
        Integer epochs,

        @JsonPropertyDescription("Images a step, from 1 to 1048576. Left out, 256.")
        @Default("256")
        @Min(1)
        @Max(1 << 20)
        @Nullable
        Integer batchSize,

        @JsonPropertyDescription("Side of a crop in pixels, from 16 to 4096. Left out, it is pretrain.imageSize.")
        @Min(16)
        @Max(4096)
        @Nullable
        Integer imageSize,

        @JsonPropertyDescription("Learning rate of the first epoch, above 0 up to 100000. Left out, 30.")
        @Default("30")
        @Min(value = 0, inclusive = false)
        @Max(100_000)
        @Nullable
        Double learningRate,

        @JsonPropertyDescription("Momentum of SGD, from 0 to 1. Left out, 0.9.")
        @Default("0.9")
        @Min(0)
        @Max(1)
        @Nullable
        Double momentum,

        @JsonPropertyDescription("L2 penalty on the classifier, from 0 to 1. Left out, 0.")
        @Default("0")
        @Min(0)
        @Max(1)
        @Nullable
        Double weightDecay,

        @JsonPropertyDescription(
                "How the learning rate falls: Step, a tenth at each of milestones, or Cosine to zero. Left out, it is"
                        + " Step.")
        @Default("Step")
        @Nullable
        Schedule schedule,

        @JsonPropertyDescription(
                "Epochs at which schedule Step multiplies the learning rate by a tenth: ascending, below epochs, at most"
                        + " 100 of them. Cosine has none. Left out, Step takes 60 and 80.")
        @Size(max = 100)
        @Nullable
        List<@Min(1) @Max(100_000_000) Integer> milestones,

        @JsonPropertyDescription(
                "Arithmetic: Float32 is the paper's; BFloat16 is faster on a GPU. Left out, it is Float32.")
        @Default("Float32")
        @Nullable
        Precision precision,

        @JsonPropertyDescription(
                "Seed of classifier, order and augmentation, from 0 to 2^53 - 1. Left out, it is pretrain.seed.")
        @Min(0)
        @Max(Syntax.LARGEST)
        @Nullable
        Long seed) {}
