package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.moco.contract.Architecture;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A finished encoder, in place of pre-training. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record EncoderSpec(
        @JsonPropertyDescription(
                "File of the weights, s3://bucket/path or a path, as spec.data.imagenet: a checkpoint of MoCo, whose query"
                        + " encoder is taken, a ResNet of torchvision, timm, detectron2, safetensors or NumPy, or a checkpoint"
                        + " that pre-training has kept (spec.retention.checkpoints), which is a folder. Nothing in"
                        + " it is executed, and every tensor is checked.")
        @Rule(EncoderSpec.FILE_RULE)
        @Required
        @Size(max = Syntax.TEXT_LENGTH)
        @ValidationRule(value = DataSpec.SOURCE, messageExpression = EncoderSpec.FILE_MESSAGE)
        String from,

        @JsonPropertyDescription("Architecture, which the file must have.") @Default("resnet50")
        Architecture arch,

        @UnknownFields @Nullable Map<String, Object> unknown) {
    /** The rule of a file of weights, as text. */
    public static final String FILE_RULE = "must be s3://bucket/path or the path of a file";

    static final String FILE_MESSAGE = "'" + FILE_RULE + ", found \"%s\"'.format([self])";
}
