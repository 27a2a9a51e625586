package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.moco.contract.Architecture;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pre-training. */
@ValidationRule(
        value = Ranks.GIVEN + "self.queueSize % self.batchSize == 0",
        fieldPath = ".queueSize",
        messageExpression = "'must be a multiple of batchSize (%s), found %s'.format([self.batchSize, self.queueSize])")
@ValidationRule(value = Ranks.MULTIPLE, fieldPath = ".batchSize", messageExpression = Ranks.MULTIPLE_MESSAGE)
@ValidationRule(
        value = Ranks.GIVEN + "self.batchSize % self.gpus != 0 || self.batchSize / self.gpus >= 2",
        fieldPath = ".batchSize",
        messageExpression = "'must give each of the %s gpus at least 2 images, or batch norm has none to compare,"
                + " found %s'.format([self.gpus, self.batchSize])")
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
public record PretrainSpec(
        @JsonPropertyDescription(
                "Backbone of both encoders, and of linear and detection after it. Left out, it is resnet50.")
        @Default("resnet50")
        @Nullable
        Architecture arch,

        @JsonPropertyDescription("Passes over the training images, from 1 to 100000. Left out, 200.")
        @Default("200")
        @Min(1)
        @Max(100_000)
        @Nullable
        Integer epochs,

        @JsonPropertyDescription(
                "Images a step, all ranks together, from 2 to 1048576; a multiple of gpus, with at least 2 for each."
                        + " Left out, 256.")
        @Default("256")
        @Min(2)
        @Max(1 << 20)
        @Nullable
        Integer batchSize,

        @JsonPropertyDescription(
                "Ranks: groups of images with batch-norm statistics of their own, shuffled between them as 8 GPUs do in"
                        + " the paper; from 1 to 1024. They define the result. What a pod is given is"
                        + " resources.pretrain.gpus. Left out, 8.")
        @Default("8")
        @Min(1)
        @Max(1024)
        @Nullable
        Integer gpus,

        @JsonPropertyDescription(
                "Negative keys in the queue, K in the paper, from 2 to 16777216; a multiple of batchSize. Left out,"
                        + " 65536.")
        @Default("65536")
        @Min(2)
        @Max(1 << 24)
        @Nullable
        Integer queueSize,

        @JsonPropertyDescription(
                "Temperature of the contrastive softmax, tau in the paper, above 0 up to 100. Left out, 0.2, MoCo v2's;"
                        + " v1 has 0.07.")
        @Default("0.2")
        @Min(value = 0, inclusive = false)
        @Max(100)
        @Nullable
        Double temperature,

        @JsonPropertyDescription("Momentum of the key encoder, m in the paper, from 0 to 1. Left out, 0.999.")
        @Default("0.999")
        @Min(0)
        @Max(1)
        @Nullable
        Double keyMomentum,

        @JsonPropertyDescription(
                "True gives the encoders MoCo v2's projection head of two layers, false v1's of one. Left out, it is"
                        + " true.")
        @Default("true")
        @Nullable
        Boolean mlp,

        @JsonPropertyDescription("Length of a key, from 2 to 65536. Left out, 128.")
        @Default("128")
        @Min(2)
        @Max(65_536)
        @Nullable
        Integer dim,

        @JsonPropertyDescription("Side of a view in pixels, from 16 to 4096. Left out, 224.")
        @Default("224")
        @Min(16)
        @Max(4096)
        @Nullable
        Integer imageSize,

        @JsonPropertyDescription("True augments as MoCo v2 (with blur), false as v1. Left out, it is true.")
        @Default("true")
        @Nullable
        Boolean augPlus,

        @JsonPropertyDescription("Learning rate of the first epoch, above 0 up to 1000. Left out, 0.03.")
        @Default("0.03")
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
                "How the learning rate falls: Cosine to zero, MoCo v2's, or Step, a tenth at each of milestones, v1's."
                        + " Left out, it is Cosine.")
        @Default("Cosine")
        @Nullable
        Schedule schedule,

        @JsonPropertyDescription(
                "Epochs at which schedule Step multiplies the learning rate by a tenth: ascending, below epochs, at most"
                        + " 100 of them. Cosine has none. Left out, Step takes 120 and 160.")
        @Size(max = 100)
        @Nullable
        List<@Min(1) @Max(100_000_000) Integer> milestones,

        @JsonPropertyDescription(
                "Arithmetic: Float32 is the paper's; BFloat16 is faster on a GPU and keeps weights in float32. Left out,"
                        + " it is Float32.")
        @Default("Float32")
        @Nullable
        Precision precision,

        @JsonPropertyDescription(
                "Seed of weights, queue, order, augmentation and shuffles, from 0 to 2^53 - 1. Left out, 0.")
        @Default("0")
        @Min(0)
        @Max(Syntax.LARGEST)
        @Nullable
        Long seed,

        @JsonPropertyDescription(
                "A classifier by nearest neighbours that watches pre-training; it changes no weight. Left out, it runs"
                        + " every 10 epochs.")
        @Default("{}")
        @Nullable
        Knn knn) {

    /** The monitor. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Knn(
            @JsonPropertyDescription(
                    "Epochs between two looks, from 0 to 100000; there is one before the first epoch and one after the"
                            + " last. 0 turns it off. Left out, 10.")
            @Default("10")
            @Min(0)
            @Max(100_000)
            @Nullable
            Integer everyEpochs,

            @JsonPropertyDescription("Neighbours that vote, from 1 to 100000. Left out, 200.")
            @Default("200")
            @Min(1)
            @Max(100_000)
            @Nullable
            Integer neighbours,

            @JsonPropertyDescription("A vote weighs exp(similarity / temperature); above 0 up to 100. Left out, 0.1.")
            @Default("0.1")
            @Min(value = 0, inclusive = false)
            @Max(100)
            @Nullable
            Double temperature,

            @JsonPropertyDescription("Training images to search, from 0 to 2147483647; 0 takes all. Left out, 50000.")
            @Default("50000")
            @Min(0)
            @Max(Integer.MAX_VALUE)
            @Nullable
            Integer bankImages) {}
}
