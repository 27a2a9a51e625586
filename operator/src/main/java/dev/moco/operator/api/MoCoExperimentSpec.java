package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The desired experiment. As a client binds it, any field may be null; {@code ExperimentReader} checks it and
 * fills in the defaults, so that only nullable fields may be null.
 */
@ValidationRule(
        value = "!self.detection.enabled || has(self.data.voc)",
        fieldPath = ".data.voc",
        reason = "FieldValueRequired",
        message = "must be given, or spec.detection.enabled be false")
@ValidationRule(
        value = "!self.data.unlabeled || !self.linear.enabled",
        fieldPath = ".linear.enabled",
        message = "must be false, " + DataSpec.NO_CLASSES + ", found true")
@ValidationRule(
        value = "!self.data.unlabeled || self.pretrain.method != 'Supervised'",
        fieldPath = ".pretrain.method",
        message = "must be another, " + DataSpec.NO_CLASSES + ", found Supervised")
@ValidationRule(
        value = "(has(self.linear.protocol) ? self.linear.protocol : self.pretrain.method) != 'SimCLR'"
                + " || self.linear.?schedule.orValue('Cosine') == 'Cosine'",
        fieldPath = ".linear.schedule",
        messageExpression = "'" + PretrainSpec.COSINE_ONLY + ", found %s'.format([self.linear.schedule])")
@ValidationRule(
        value = "!has(self.resources.pretrain.gpus) || self.resources.pretrain.gpus < 1 || self.pretrain.ranks < 1"
                + " || self.pretrain.ranks % self.resources.pretrain.gpus == 0",
        fieldPath = ".resources.pretrain.gpus",
        messageExpression = "'must divide pretrain.ranks (%s), found %s'.format([self.pretrain.ranks,"
                + " self.resources.pretrain.gpus])")
@ValidationRule(
        value = "has(self.storage) == has(oldSelf.storage)",
        fieldPath = ".storage",
        messageExpression = "has(self.storage) ? 'cannot be added, found bucket %s. It says where results lie: create"
                + " another resource'.format([self.storage.bucket]) : 'cannot be taken away, it was bucket %s. It says"
                + " where results lie: create another resource'.format([oldSelf.storage.bucket])")
@ValidationRule(
        value = "has(self.encoder) == has(oldSelf.encoder)",
        fieldPath = ".encoder",
        messageExpression = "has(self.encoder) ? 'cannot be added, found %s. It defines the result: create another"
                + " resource; what both share is computed once'.format([self.encoder.from]) : 'cannot be taken away, it was"
                + " %s. It defines the result: create another resource; what both share is computed"
                + " once'.format([oldSelf.encoder.from])")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record MoCoExperimentSpec(
        @JsonPropertyDescription(
                "Raw images. An experiment that names only its data reproduces row (d) of the paper's Table 1.")
        @Required
        @Immutable
        DataSpec data,

        @JsonPropertyDescription(
                "A finished encoder: linear classification and detection evaluate it, and nothing is pre-trained, so that"
                        + " every field of spec.pretrain must be absent. Without it, an encoder is pre-trained.")
        @Immutable
        @Nullable
        EncoderSpec encoder,

        @JsonPropertyDescription(
                "Pre-training. Its defaults are those of MoCo v2; with another method, of that method's paper.")
        @Default("{}")
        @Immutable
        PretrainSpec pretrain,

        @JsonPropertyDescription(
                "Linear classification on the frozen features of the encoder, which gives TOP1. Its defaults are"
                        + " the paper's, or with method SimCLR those of SimCLR's.")
        @Default("{}")
        @Immutable
        LinearSpec linear,

        @JsonPropertyDescription(
                "Fine-tuning of Faster R-CNN R50-C4 on VOC, which gives AP50, AP and AP75. Its defaults are the"
                        + " paper's.")
        @Default("{}")
        @Immutable
        DetectionSpec detection,

        @JsonPropertyDescription(
                "The S3 bucket of the results. Without it, the operator's (--store) is used, in which each"
                        + " namespace has its own prefix; if that is not set"
                        + " either, the experiment is Stalled. The location is immutable; the way pods reach it may"
                        + " change.")
        @Nullable
        StorageSpec storage,

        @Changes(Changes.AT_ONCE)
        @JsonPropertyDescription("True stops the work: pods write a checkpoint and end. False resumes from there.")
        @Default("false")
        Boolean suspend,

        @Changes(Changes.AT_ONCE)
        @JsonPropertyDescription(
                "True cancels the experiment: its pods end, it fails with reason Canceled, and what was committed stays. It"
                        + " cannot be taken back.")
        @Default("false")
        @ValidationRule(
                value = "self || !oldSelf",
                message = "cannot be taken back from true to false. Create another resource; what was committed is"
                        + " found again")
        Boolean cancel,

        @Changes(Changes.AT_ONCE)
        @JsonPropertyDescription(
                "Any text, such as a date. Changing it starts failed stages again, with all their retries. Without a"
                        + " change, what failed stays failed.")
        @Size(max = Syntax.LABEL_LENGTH)
        @Nullable
        String retryToken,

        @Changes(
                "A change takes effect at once; for trials of detection that have started, once spec.suspend was set to"
                        + " true and back to false.")
        @JsonPropertyDescription("Reaction to failures.")
        @Default("{}")
        FailurePolicySpec failurePolicy,

        @Changes(Changes.AT_ONCE)
        @JsonPropertyDescription("Limits of waiting, running and standing still.")
        @Default("{}")
        TimeoutsSpec timeouts,

        @Changes(Changes.PODS)
        @JsonPropertyDescription("Placement of pods. Without it, pods run on any node.")
        @Nullable
        SchedulingSpec scheduling,

        @Changes(Changes.AT_ONCE) @JsonPropertyDescription("Retention of Jobs and results.") @Default("{}")
        RetentionSpec retention,

        @Changes(Changes.PODS) @JsonPropertyDescription("Resources of pods. They change no result.") @Default("{}")
        ResourcesSpec resources,

        @Changes(Changes.AT_ONCE)
        @JsonPropertyDescription("Limits of a running stage's metrics that raise a condition.")
        @Default("{}")
        GatesSpec gates,

        @UnknownFields @Nullable Map<String, Object> unknown) {}
