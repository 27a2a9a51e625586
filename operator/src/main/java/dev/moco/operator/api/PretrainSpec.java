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

/**
 * Pre-training. Fields with {@link DefaultBy} are null where the method has no such field.
 */
@ValidationRule(
        value = Ranks.GIVEN + "self.method != 'MoCo' || " + PretrainSpec.QUEUE + " % self.batchSize == 0",
        fieldPath = ".queueSize",
        messageExpression =
                "'must be a multiple of batchSize (%s), found %s'.format([self.batchSize, " + PretrainSpec.QUEUE + "])")
@ValidationRule(value = Ranks.MULTIPLE, fieldPath = ".batchSize", messageExpression = Ranks.MULTIPLE_MESSAGE)
@ValidationRule(
        value = Ranks.GIVEN + "self.batchSize % self.ranks != 0 || self.batchSize / self.ranks >= 2",
        fieldPath = ".batchSize",
        messageExpression = "'must give each of the %s ranks at least 2 images, or batch norm has none to compare,"
                + " found %s'.format([self.ranks, self.batchSize])")
@ValidationRule(
        value = Ranks.GIVEN + "self.batchSize % self.ranks != 0 || !has(self.groupImages) || self.groupImages < 1"
                + " || self.batchSize / self.ranks % self.groupImages == 0",
        fieldPath = ".groupImages",
        messageExpression = "'must divide the %s images of a rank, found %s'.format([self.batchSize / self.ranks,"
                + " self.groupImages])")
@ValidationRule(
        value = "self.?method.orValue('MoCo') != 'SimCLR' || self.?schedule.orValue('Cosine') == 'Cosine'",
        fieldPath = ".schedule",
        messageExpression = "'" + PretrainSpec.COSINE_ONLY + ", found %s'.format([self.schedule])")
@ValidationRule(
        value = "self.?method.orValue('MoCo') != 'SimCLR' || self.?precision.orValue('Float32') == 'Float32'",
        fieldPath = ".precision",
        messageExpression = "'" + PretrainSpec.FLOAT32_ONLY + ", found %s'.format([self.precision])")
@ValidationRule(
        value = "self.?method.orValue('MoCo') != 'SimCLR' || " + PretrainSpec.WARMUP + " < " + PretrainSpec.EPOCHS,
        fieldPath = ".warmupEpochs",
        messageExpression = "'must be below the %s epochs, found %s'.format([" + PretrainSpec.EPOCHS + ", "
                + PretrainSpec.WARMUP + "])")
@ValidationRule(
        value = "self.?schedule.orValue(self.?method.orValue('MoCo') == 'Supervised' ? 'Step' : 'Cosine')"
                + Milestones.ONLY_WITH_STEP,
        fieldPath = ".milestones",
        messageExpression = Milestones.ONLY_WITH_STEP_MESSAGE)
@ValidationRule(value = Milestones.ASCEND, fieldPath = ".milestones", messageExpression = Milestones.ASCEND_MESSAGE)
@ValidationRule(
        value = Milestones.BELOW + PretrainSpec.EPOCHS + ")",
        fieldPath = ".milestones",
        messageExpression =
                "'must be below the %s epochs, found %s'.format([" + PretrainSpec.EPOCHS + ", self.milestones])")
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
                "Method: MoCo (a queue of keys from an encoder that follows the other), EndToEnd (two encoders that both"
                        + " learn, with the batch as the dictionary), SimCLR (all views of the batch, batch norm over"
                        + " all of it, LARS), or Supervised (the classes of the training images). A field that it has not"
                        + " must be absent.")
        @Default("MoCo")
        Method method,

        @JsonPropertyDescription(
                "Weights to start with, and what else of their file comes along. Without it, all starts with random"
                        + " numbers.")
        @DefaultBy(choice = Method.class, value = "{MoCo: }")
        @Nullable
        InitialSpec from,

        @JsonPropertyDescription("Backbone of the encoders, and of linear and detection after it.") @Default("resnet50")
        Architecture arch,

        @JsonPropertyDescription("Passes over the training images.")
        @DefaultBy(choice = Method.class, value = "{MoCo: 200, EndToEnd: 200, SimCLR: 200, Supervised: 90}")
        @Min(1)
        @Max(100_000)
        Integer epochs,

        @JsonPropertyDescription("Images in a step, all ranks together: a multiple of ranks, with at least 2 for each.")
        @Default("256")
        @Min(2)
        @Max(1 << 20)
        Integer batchSize,

        @JsonPropertyDescription(
                "Slices of the batch, as 8 GPUs have them in the paper. They define the result: with MoCo each has batch-norm"
                        + " statistics of its own, between which images are shuffled. The GPUs of a pod are"
                        + " resources.pretrain.gpus.")
        @Default("8")
        @Min(1)
        @Max(1024)
        Integer ranks,

        @Renamed("ranks") @Nullable Integer gpus,

        @JsonPropertyDescription(
                "Images that share batch-norm statistics, which a GPU computes at a time: a divisor of the images of a rank."
                        + " Defaults to 32 where that is one, else to all images of a rank.")
        @DefaultBy(choice = Method.class, value = "{EndToEnd: , Supervised: }")
        @Min(2)
        @Max(1 << 20)
        @Nullable
        Integer groupImages,

        @JsonPropertyDescription("Negative keys in the queue, K in the paper: a multiple of batchSize.")
        @DefaultBy(choice = Method.class, value = "{MoCo: " + PretrainSpec.QUEUE_SIZE + "}")
        @Min(2)
        @Max(1 << 24)
        @Nullable
        Integer queueSize,

        @JsonPropertyDescription(
                "Temperature of the contrastive softmax, tau in the paper. MoCo v2 has 0.2, v1 has 0.07.")
        @DefaultBy(choice = Method.class, value = "{MoCo: 0.2, EndToEnd: 0.2, SimCLR: 0.1}")
        @Min(value = 0, inclusive = false)
        @Max(100)
        @Nullable
        Double temperature,

        @JsonPropertyDescription("Momentum of the key encoder, m in the paper.")
        @DefaultBy(choice = Method.class, value = "{MoCo: 0.999}")
        @Min(0)
        @Max(1)
        @Nullable
        Double keyMomentum,

        @JsonPropertyDescription(
                "True scores keys against queries too, and takes the mean of both losses; false scores queries against keys.")
        @DefaultBy(choice = Method.class, value = "{EndToEnd: false}")
        @Nullable
        Boolean symmetric,

        @JsonPropertyDescription("True gives queries and keys one encoder, false two.")
        @DefaultBy(choice = Method.class, value = "{EndToEnd: false}")
        @Nullable
        Boolean sharedEncoder,

        @JsonPropertyDescription("True gives the encoders MoCo v2's projection head of two layers, false v1's of one.")
        @DefaultBy(choice = Method.class, value = "{MoCo: true, EndToEnd: true}")
        @Nullable
        Boolean mlp,

        @JsonPropertyDescription("Length of a key, or of the projection of a view.")
        @DefaultBy(choice = Method.class, value = "{MoCo: 128, EndToEnd: 128, SimCLR: 128}")
        @Min(2)
        @Max(65_536)
        @Nullable
        Integer dim,

        @JsonPropertyDescription("Side of a view in pixels.") @Default("224") @Min(16) @Max(4096)
        Integer imageSize,

        @JsonPropertyDescription("True augments as MoCo v2 does (with blur), false as v1.")
        @DefaultBy(choice = Method.class, value = "{MoCo: true, EndToEnd: true}")
        @Nullable
        Boolean augPlus,

        @JsonPropertyDescription("Strength of the color distortion; 1 is SimCLR's for ImageNet.")
        @DefaultBy(choice = Method.class, value = "{SimCLR: 1}")
        @Min(0)
        @Max(2.5)
        @Nullable
        Double colorStrength,

        @JsonPropertyDescription("Learning rate of the first epoch, or after the warm-up.")
        @DefaultBy(
                choice = Method.class,
                value = "{MoCo: 0.03, EndToEnd: 0.03" + DefaultBy.PER_BATCH + ", SimCLR: 0.3" + DefaultBy.PER_BATCH
                        + ", Supervised: 0.1" + DefaultBy.PER_BATCH + "}")
        @Min(value = 0, inclusive = false)
        @Max(1000)
        Double learningRate,

        @JsonPropertyDescription("Momentum of SGD, or of LARS with SimCLR.") @Default("0.9") @Min(0) @Max(1)
        Double momentum,

        @JsonPropertyDescription("L2 penalty on every weight; with SimCLR on those of convolutions and linear layers.")
        @DefaultBy(
                choice = Method.class,
                value = "{MoCo: 0.0001, EndToEnd: 0.0001, SimCLR: 0.000001, Supervised: 0.0001}")
        @Min(0)
        @Max(1)
        Double weightDecay,

        @JsonPropertyDescription(
                "Decay of the learning rate: Cosine to zero, as in MoCo v2, or Step, by a factor of 0.1 at each of"
                        + " milestones, as in v1. SimCLR has Cosine only, which falls with every step.")
        @DefaultBy(choice = Method.class, value = "{MoCo: Cosine, EndToEnd: Cosine, SimCLR: Cosine, Supervised: Step}")
        Schedule schedule,

        @JsonPropertyDescription(
                "Epochs at which schedule Step multiplies the learning rate by 0.1: ascending, below epochs. Cosine has"
                        + " none. With Step, defaults to " + PretrainSpec.FIRST_MILESTONE + " and "
                        + PretrainSpec.SECOND_MILESTONE + ", with Supervised to " + PretrainSpec.FIRST_SUPERVISED
                        + " and "
                        + PretrainSpec.SECOND_SUPERVISED + ".")
        @DefaultBy(choice = Method.class, value = "{MoCo: , EndToEnd: , Supervised: }")
        @Size(max = 100)
        @Nullable
        List<@Min(1) @Max(100_000_000) Integer> milestones,

        @JsonPropertyDescription("Epochs in which the learning rate rises from 0, step by step: below epochs.")
        @DefaultBy(choice = Method.class, value = "{SimCLR: " + PretrainSpec.WARMUP_EPOCHS + "}")
        @Min(0)
        @Max(99_999)
        @Nullable
        Integer warmupEpochs,

        @JsonPropertyDescription(
                "Arithmetic: Float32 is the paper's; TF32 and BFloat16 are faster on a GPU and keep weights in"
                        + " float32. A CPU computes TF32 as Float32. SimCLR has Float32 only.")
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

    /** The same with method Supervised. */
    public static final int FIRST_SUPERVISED = 30;

    public static final int SECOND_SUPERVISED = 60;

    /** The rule of a schedule with SimCLR, as text. */
    public static final String COSINE_ONLY = "must be Cosine with SimCLR";

    /** The rule of its arithmetic, as text. */
    public static final String FLOAT32_ONLY = "must be Float32 with SimCLR";

    static final int QUEUE_SIZE = 65536;
    static final int WARMUP_EPOCHS = 10;

    /** Fields with their defaults, in CEL. */
    static final String QUEUE = "self.?queueSize.orValue(" + QUEUE_SIZE + ")";

    static final String EPOCHS = "self.?epochs.orValue(self.?method.orValue('MoCo') == 'Supervised' ? 90 : 200)";
    static final String WARMUP = "self.?warmupEpochs.orValue(" + WARMUP_EPOCHS + ")";

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
