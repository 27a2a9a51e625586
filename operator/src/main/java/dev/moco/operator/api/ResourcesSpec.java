package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What pods ask for. */
@ValidationRule(
        value = ResourcesSpec.NO_GPU + "prepare.?gpus.orValue(0) == 0",
        fieldPath = ".prepare.gpus",
        messageExpression = ResourcesSpec.FOUND + "prepare.gpus])")
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
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record ResourcesSpec(
        @JsonPropertyDescription(
                "The extended resource that is a GPU, such as nvidia.com/gpu or amd.com/gpu; None runs every stage on"
                        + " processors. Left out, it is nvidia.com/gpu.")
        @Default("nvidia.com/gpu")
        @Pattern(Syntax.ACCELERATOR)
        @Size(max = Syntax.KEY_LENGTH)
        @Nullable
        String accelerator,

        @JsonPropertyDescription("Image of the stages. Left out, it is the operator's (--stage-image).")
        @Pattern(Syntax.IMAGE)
        @Size(max = Syntax.TEXT_LENGTH)
        @Nullable
        String image,

        @JsonPropertyDescription("Of the stage that packs raw images. Left out, 4 cores and no GPU.")
        @Default("{}")
        @Nullable
        StageResources prepare,

        @JsonPropertyDescription("Of pre-training. Left out, 8 cores and one GPU.") @Default("{}") @Nullable
        StageResources pretrain,

        @JsonPropertyDescription("Of linear classification. Left out, 8 cores and one GPU.") @Default("{}") @Nullable
        StageResources linear,

        @JsonPropertyDescription("Of each trial of detection. Left out, 8 cores and one GPU.") @Default("{}") @Nullable
        StageResources detect) {
    static final String NO_GPU = "self.accelerator != 'None' || self.?";
    static final String FOUND = "'must be 0, since accelerator is None, found %s'.format([self.";

    /** What a pod of a stage asks for. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record StageResources(
            @JsonPropertyDescription(
                    "GPUs, from 0 to 1024; 0 runs the stage on processors. All ranks of a stage run on one, so more"
                            + " would idle. Left out, 1 for stages that train, and 0 for prepare or with accelerator"
                            + " None.")
            @Min(0)
            @Max(1024)
            @Nullable
            Integer gpus,

            @JsonPropertyDescription(
                    "Cores, and so the threads of the stage, from 1 to 1024. Left out, 8, and 4 for prepare.")
            @Min(1)
            @Max(1024)
            @Nullable
            Integer cpu,

            @JsonPropertyDescription(
                    "Memory as request and limit, such as 24Gi. Left out, what the plan estimates is requested and"
                            + " nothing is limited.")
            @Pattern(Syntax.QUANTITY)
            @Size(max = Syntax.LABEL_LENGTH)
            @Nullable
            String memory,

            @JsonPropertyDescription(
                    "Size of /dev/shm, such as 8Gi; it counts as memory. Left out, it is the operator's default.")
            @Pattern(Syntax.QUANTITY)
            @Size(max = Syntax.LABEL_LENGTH)
            @Nullable
            String shm) {}
}
