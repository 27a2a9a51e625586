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
        value = "self.?schedule.orValue('Step')" + Milestones.ONLY_WITH_STEP,
        fieldPath = ".milestones",
        messageExpression = Milestones.ONLY_WITH_STEP_MESSAGE)
@ValidationRule(value = Milestones.ASCEND, fieldPath = ".milestones", messageExpression = Milestones.ASCEND_MESSAGE)
@ValidationRule(
        value = Milestones.BELOW + LinearSpec.EPOCHS + ")",
        fieldPath = ".milestones",
        messageExpression =
                "'must be below the %s epochs, found %s'.format([" + LinearSpec.EPOCHS + ", self.milestones])")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LinearSpec(
        @JsonPropertyDescription("False leaves the stage out, and TOP1 empty.") @Default("true")
        Boolean enabled,

        @JsonPropertyDescription(
                "True also trains a classifier on an encoder with its initial weights, to show what pre-training"
                        + " gained.")
        @Default("false")
        Boolean baseline,

        @JsonPropertyDescription(
                "Protocol: MoCo's, SGD that begins with random weights; or SimCLR's, SGD with Nesterov momentum and a"
                        + " learning rate that falls with every step, which begins with zeros. Defaults to SimCLR with"
                        + " pretrain.method SimCLR, else to MoCo.")
        @Nullable
        LinearProtocol protocol,

        @JsonPropertyDescription("Passes over the training images.")
        @DefaultBy(choice = LinearProtocol.class, value = "{MoCo: " + LinearSpec.MOCO_EPOCHS + ", SimCLR: 90}")
        @Min(1)
        @Max(100_000)
        Integer epochs,

        @JsonPropertyDescription("Images in a step.")
        @DefaultBy(choice = LinearProtocol.class, value = "{MoCo: 256, SimCLR: 4096}")
        @Min(1)
        @Max(1 << 20)
        Integer batchSize,

        @JsonPropertyDescription("Side of a crop in pixels. Defaults to pretrain.imageSize.")
        @Min(16)
        @Max(4096)
        @Nullable
        Integer imageSize,

        @JsonPropertyDescription("Learning rate of the first epoch.")
        @DefaultBy(choice = LinearProtocol.class, value = "{MoCo: 30, SimCLR: 0.1" + DefaultBy.PER_BATCH + "}")
        @Min(value = 0, inclusive = false)
        @Max(100_000)
        Double learningRate,

        @JsonPropertyDescription("Momentum of SGD.") @Default("0.9") @Min(0) @Max(1)
        Double momentum,

        @JsonPropertyDescription("L2 penalty on the classifier.") @Default("0") @Min(0) @Max(1)
        Double weightDecay,

        @JsonPropertyDescription(
                "Decay of the learning rate: Step, by a factor of 0.1 at each of milestones, or Cosine to zero. Protocol"
                        + " SimCLR has Cosine only.")
        @DefaultBy(choice = LinearProtocol.class, value = "{MoCo: Step, SimCLR: Cosine}")
        Schedule schedule,

        @JsonPropertyDescription(
                "Epochs at which schedule Step multiplies the learning rate by 0.1: ascending, below epochs. Cosine has"
                        + " none. With Step, defaults to " + LinearSpec.FIRST_MILESTONE + " and "
                        + LinearSpec.SECOND_MILESTONE + ".")
        @DefaultBy(choice = LinearProtocol.class, value = "{MoCo: }")
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

    static final int MOCO_EPOCHS = 100;

    /** Epochs with their default where there may be milestones, in CEL. */
    static final String EPOCHS = "self.?epochs.orValue(" + MOCO_EPOCHS + ")";
}
