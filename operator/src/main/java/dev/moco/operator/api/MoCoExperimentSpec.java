package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/** What a person asks for. Fields are as the wire has them: null where they were left out and have no default. */
@ValidationRule(
        value = "!self.detection.enabled || has(self.data.voc)",
        fieldPath = ".data.voc",
        reason = "FieldValueRequired",
        message = "must be given, or spec.detection.enabled be false")
@ValidationRule(
        value = "has(self.storage) == has(oldSelf.storage)",
        fieldPath = ".storage",
        messageExpression = "has(self.storage) ? 'cannot be added, found bucket %s. It says where results lie: create"
                + " another resource'.format([self.storage.bucket]) : 'cannot be taken away, it was bucket %s. It says"
                + " where results lie: create another resource'.format([oldSelf.storage.bucket])")
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record MoCoExperimentSpec(
        @JsonPropertyDescription(
                "Raw images. Required: an experiment that names only its data reproduces row (d) of the paper's Table 1."
                        + " Immutable.")
        @Required
        @Immutable
        DataSpec data,

        @JsonPropertyDescription("Pre-training with MoCo. Left out, it is MoCo v2's for 200 epochs. Immutable.")
        @Default("{}")
        @Immutable
        @Nullable
        PretrainSpec pretrain,

        @JsonPropertyDescription(
                "Linear classification on the frozen features of the encoder, which gives TOP1. Left out, it runs as in"
                        + " the paper. Immutable.")
        @Default("{}")
        @Immutable
        @Nullable
        LinearSpec linear,

        @JsonPropertyDescription(
                "Fine-tuning of Faster R-CNN R50-C4 on VOC, which gives AP50, AP and AP75. Left out, five trials run as"
                        + " in the paper. Immutable.")
        @Default("{}")
        @Immutable
        @Nullable
        DetectionSpec detection,

        @JsonPropertyDescription(
                "The S3 bucket of the results. Left out, it is the operator's (--store); without that one either, the"
                        + " experiment is Stalled. Where results lie is immutable; how pods get there may change.")
        @Nullable
        StorageSpec storage,

        @JsonPropertyDescription(
                "True stops the work: pods write a checkpoint and end. False again goes on from there. Left out, it is"
                        + " false.")
        @Default("false")
        @Nullable
        Boolean suspend,

        @JsonPropertyDescription(
                "True gives the experiment up: its pods end, it has failed with reason Canceled, and what was committed"
                        + " stays. It cannot be taken back. Left out, it is false.")
        @Default("false")
        @ValidationRule(
                value = "self || !oldSelf",
                message = "cannot be taken back from true to false. Create another resource; what was committed is"
                        + " found again")
        @Nullable
        Boolean cancel,

        @JsonPropertyDescription(
                "Any text, such as a date. Changing it gives failed stages another chance, with all their retries. Left"
                        + " out, what failed stays failed.")
        @Size(max = Syntax.LABEL_LENGTH)
        @Nullable
        String retryToken,

        @JsonPropertyDescription("What happens after a failure. May change at any time.") @Default("{}") @Nullable
        FailurePolicySpec failurePolicy,

        @JsonPropertyDescription("How long waiting, running and standing still may last. May change at any time.")
        @Default("{}")
        @Nullable
        TimeoutsSpec timeouts,

        @JsonPropertyDescription("Where pods go. A change holds for pods that are made after it. Left out, anywhere.")
        @Nullable
        SchedulingSpec scheduling,

        @JsonPropertyDescription("What is kept, and for how long. May change at any time.") @Default("{}") @Nullable
        RetentionSpec retention,

        @JsonPropertyDescription("What pods ask for. Changes no result; holds for Jobs that are made after a change.")
        @Default("{}")
        @Nullable
        ResourcesSpec resources,

        @JsonPropertyDescription("Figures of a running stage that raise a condition. May change at any time.")
        @Default("{}")
        @Nullable
        GatesSpec gates) {}
