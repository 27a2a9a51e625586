package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.moco.contract.DeviceCounts;
import dev.moco.contract.Stage;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Resources of pods. */
@ValidationRule(
        value = ResourcesSpec.NO_GPU + "prepare.?gpus.orValue(0) == 0",
        fieldPath = ".prepare.gpus",
        messageExpression = ResourcesSpec.FOUND + "prepare.gpus])")
@ValidationRule(
        value = ResourcesSpec.NO_GPU + "weights.?gpus.orValue(0) == 0",
        fieldPath = ".weights.gpus",
        messageExpression = ResourcesSpec.FOUND + "weights.gpus])")
@ValidationRule(
        value = ResourcesSpec.NO_GPU + "pretrain.?gpus.orValue(0) == 0",
        fieldPath = ".pretrain.gpus",
        messageExpression = ResourcesSpec.FOUND + "pretrain.gpus])")
@ValidationRule(
        value = ResourcesSpec.NO_GPU + "linear.?gpus.orValue(0) == 0",
        fieldPath = ".linear.gpus",
        messageExpression = ResourcesSpec.FOUND + "linear.gpus])")
@ValidationRule(
        value = ResourcesSpec.NO_GPU + "detect.?gpus.orValue(0) == 0",
        fieldPath = ".detect.gpus",
        messageExpression = ResourcesSpec.FOUND + "detect.gpus])")
@ValidationRule(
        value = ResourcesSpec.ONE_NODE + "prepare.?nodes.orValue(1) == 1",
        fieldPath = ".prepare.nodes",
        messageExpression = ResourcesSpec.NODES_FOUND + "prepare.nodes])")
@ValidationRule(
        value = ResourcesSpec.ONE_NODE + "weights.?nodes.orValue(1) == 1",
        fieldPath = ".weights.nodes",
        messageExpression = ResourcesSpec.NODES_FOUND + "weights.nodes])")
@ValidationRule(
        value = ResourcesSpec.ONE_NODE + "linear.?nodes.orValue(1) == 1",
        fieldPath = ".linear.nodes",
        messageExpression = ResourcesSpec.NODES_FOUND + "linear.nodes])")
@ValidationRule(
        value = ResourcesSpec.ONE_NODE + "detect.?nodes.orValue(1) == 1",
        fieldPath = ".detect.nodes",
        messageExpression = ResourcesSpec.NODES_FOUND + "detect.nodes])")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ResourcesSpec(
        @JsonPropertyDescription(
                "The extended resource that is a GPU, such as nvidia.com/gpu or amd.com/gpu; None runs every stage on"
                        + " the CPU.")
        @Rule("must be None or an extended resource, such as nvidia.com/gpu or amd.com/gpu")
        @Default("nvidia.com/gpu")
        @Pattern(Syntax.ACCELERATOR)
        @Size(max = Syntax.KEY_LENGTH)
        String accelerator,

        @JsonPropertyDescription("Image of the stages. Without it, the operator's (--stage-image) is used.")
        @Rule("must be an image, such as registry.example/moco-stages:0.1.0")
        @Pattern(Syntax.IMAGE)
        @Size(max = Syntax.TEXT_LENGTH)
        @Nullable
        String image,

        @JsonPropertyDescription(
                "Lets GPUs take only algorithms that add in the same order at every run: the same kind of GPU"
                        + " then gives the same bytes, more slowly. A CPU always does. It is in no key, and `moco run` follows it, too.")
        @Default("false")
        Boolean deterministic,

        @JsonPropertyDescription("Resources of the stage that packs raw images. Defaults to "
                + StageResources.PREPARE_CPU + " cores and no GPU.")
        @Default("{}")
        StageResources prepare,

        @JsonPropertyDescription("Resources of the stage that reads a file of weights. Defaults to "
                + StageResources.PREPARE_CPU + " cores and no GPU.")
        @Default("{}")
        StageResources weights,

        @JsonPropertyDescription(
                "Resources of pre-training. Its GPUs share the ranks and change no result: their number must"
                        + " divide pretrain.ranks, and defaults to it, or to its share of a node. Defaults to "
                        + StageResources.CPU_OF_GPU
                        + " cores a GPU, and at least " + StageResources.CPU + ".")
        @Default("{}")
        StageResources pretrain,

        @JsonPropertyDescription("Resources of linear classification." + ResourcesSpec.TRAINING_DEFAULT) @Default("{}")
        StageResources linear,

        @JsonPropertyDescription(
                "Resources of each trial of detection. Its GPUs share the ranks and change no result: their number"
                        + " must divide detection.ranks." + ResourcesSpec.TRAINING_DEFAULT)
        @Default("{}")
        StageResources detect,

        @UnknownFields @Nullable Map<String, Object> unknown) {
    /** Resources of a stage's pods. */
    public StageResources of(Stage stage) {
        return switch (stage) {
            case PREPARE -> prepare;
            case WEIGHTS -> weights;
            case PRETRAIN -> pretrain;
            case LINEAR, KNN -> linear;
            case DETECT -> detect;
        };
    }

    /** Returns whether a stage has a field of its own; classification by nearest neighbors has that of the linear one. */
    public static boolean hasField(Stage stage) {
        return stage != Stage.KNN;
    }

    /**
     * Accelerators of each of a stage's pods where the spec has an accelerator and no number of them.
     *
     * @param nodes pods of pre-training
     */
    public static int presetGpus(Stage stage, int pretrainRanks, int nodes) {
        return switch (stage) {
            case PREPARE, WEIGHTS -> 0;
            case PRETRAIN -> DeviceCounts.most(Math.max(1, pretrainRanks / nodes), DeviceCounts.MOST / nodes);
            case LINEAR, KNN, DETECT -> StageResources.GPUS;
        };
    }

    /** Returns whether several pods can run a stage together. */
    public static boolean runsOnSeveralNodes(Stage stage) {
        return stage == Stage.PRETRAIN;
    }

    /** The accelerator of experiments that run on the CPU. */
    public static final String NONE = "None";

    static final String NO_GPU = "self.accelerator != '" + NONE + "' || self.?";
    static final String ONE_NODE = "self.?";
    static final String NODES_FOUND = "'" + ResourcesSpec.ONLY_PRETRAIN + ", found %s'.format([self.";
    /** Rule about the nodes of other stages. */
    public static final String ONLY_PRETRAIN = "must be 1, as only pre-training runs on several nodes";

    static final String TRAINING_DEFAULT =
            " Defaults to " + StageResources.CPU + " cores and " + StageResources.GPUS + " GPU.";
    static final String FOUND = "'must be 0, since accelerator is None, found %s'.format([self.";

    /** Resources of a pod of a stage. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record StageResources(
            @JsonPropertyDescription(
                    "GPUs; 0 runs the stage on the CPU. Pre-training, linear classification and trials of detection run one"
                            + " process on each, as many as divide pretrain.ranks, linear.batchSize or detection.ranks."
                            + " Defaults to pretrain.ranks for pretrain, to " + StageResources.GPUS
                            + " for linear and detect, and to 0 for prepare and weights, or with accelerator None.")
            @Min(0)
            @Max(1024)
            @Nullable
            Integer gpus,

            @JsonPropertyDescription(
                    "Pods that run pre-training together, each with these resources, where one node has too few GPUs. They change"
                            + " no result: nodes times gpus must divide pretrain.ranks. moco run has one node, its machine."
                            + " Defaults to 1, as is every other stage.")
            @Min(1)
            @Max(DeviceCounts.MOST)
            @Nullable
            Integer nodes,

            @JsonPropertyDescription("Cores, and so the threads of the stage. Defaults to " + StageResources.CPU
                    + ", or " + StageResources.CPU_OF_GPU + " a GPU where that is more, and to "
                    + StageResources.PREPARE_CPU + " for prepare and weights.")
            @Min(1)
            @Max(1024)
            @Nullable
            Integer cpu,

            @JsonPropertyDescription(
                    "Memory as request and limit, such as 24Gi. Without it, the estimate of the plan is requested and"
                            + " nothing is limited.")
            @Rule(StageResources.BYTES_RULE)
            @Pattern(Syntax.QUANTITY)
            @Size(max = Syntax.LABEL_LENGTH)
            @Nullable
            String memory,

            @JsonPropertyDescription(
                    "Size of /dev/shm, such as 8Gi; it counts as memory. Without it, the operator's default is used.")
            @Rule(StageResources.BYTES_RULE)
            @Pattern(Syntax.QUANTITY)
            @Size(max = Syntax.LABEL_LENGTH)
            @Nullable
            String shm,

            @JsonPropertyDescription(
                    "Local disk for temporary files and copies of shards, such as 200Gi, as request and as limit of the"
                            + " volume; what does not fit is read from the store. Without it, room for the whole data set is"
                            + " requested.")
            @Rule(StageResources.BYTES_RULE)
            @Pattern(Syntax.QUANTITY)
            @Size(max = Syntax.LABEL_LENGTH)
            @Nullable
            String ephemeralStorage,

            @UnknownFields @Nullable Map<String, Object> unknown) {
        static final String BYTES_RULE = "must be a number of bytes with its unit, such as 24Gi";

        /** Cores of a stage that trains. */
        public static final int CPU = 8;

        /** Cores for each GPU, which decode what it computes on, where a stage has several. */
        public static final int CPU_OF_GPU = 4;

        /** Cores of the stages that read what is outside the store. */
        public static final int PREPARE_CPU = 4;

        /** GPUs of linear classification and of a trial of detection, where there is an accelerator. */
        public static final int GPUS = 1;
    }
}
