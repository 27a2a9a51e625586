package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Weights that pre-training starts with. */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record InitialSpec(
        @JsonPropertyDescription(
                "File of the weights, s3://bucket/path or a path, as spec.encoder.from. The query encoder is the file's; its"
                        + " projection head too where it is the one of this pre-training, else that is random.")
        @Rule(EncoderSpec.FILE_RULE)
        @Required
        @Size(max = Syntax.TEXT_LENGTH)
        @ValidationRule(value = DataSpec.SOURCE, messageExpression = EncoderSpec.FILE_MESSAGE)
        String file,

        @JsonPropertyDescription("True takes the key encoder of the file; false makes it a copy of the query encoder.")
        @Default("false")
        Boolean keyEncoder,

        @JsonPropertyDescription("True takes the queue of the file; false fills it with random keys.") @Default("false")
        Boolean queue,

        @JsonPropertyDescription(
                "True takes the momentum of SGD of the file, a checkpoint of PyTorch; false starts at zero.")
        @Default("false")
        Boolean optimizer,

        @UnknownFields @Nullable Map<String, Object> unknown) {}
