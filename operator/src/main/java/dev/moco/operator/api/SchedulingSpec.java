package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where pods go. */
@ValidationRule(
        value = "!has(self.nodeSelector) || self.nodeSelector.all(key, key.size() <= " + Syntax.KEY_LENGTH
                + " && key.matches(r'" + Syntax.KEY + "'))",
        fieldPath = ".nodeSelector",
        messageExpression = "'must have the keys of labels, found %s'.format([self.nodeSelector])")
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonIgnoreProperties(ignoreUnknown = true)
public record SchedulingSpec(
        @JsonPropertyDescription(
                "Kueue's LocalQueue that admits the Jobs. Left out, Jobs start as soon as there is room.")
        @Pattern(Syntax.LABEL)
        @Size(max = Syntax.LABEL_LENGTH)
        @Nullable
        String queueName,

        @JsonPropertyDescription("PriorityClass of the pods. Left out, it is the cluster's default.")
        @Pattern(Syntax.NAME)
        @Size(max = Syntax.NAME_LENGTH)
        @Nullable
        String priorityClassName,

        @JsonPropertyDescription("Labels that a node must have, at most 32. Left out, any node will do.")
        @Size(max = 32)
        @Nullable
        Map<String, @Pattern(Syntax.VALUE) @Size(max = Syntax.LABEL_LENGTH) String> nodeSelector,

        @JsonPropertyDescription("Taints of nodes that pods bear, at most 32. Left out, none.")
        @Size(max = 32)
        @Nullable
        List<Toleration> tolerations) {

    /** A taint that is borne. */
    @ValidationRule(
            value = "!has(self.value) || self.operator == 'Equal'",
            fieldPath = ".value",
            messageExpression = "'belongs to operator Equal; Exists has none, found %s'.format([self.value])")
    @ValidationRule(
            value = "has(self.key) || self.operator == 'Exists'",
            fieldPath = ".key",
            message = "must be given with operator Equal")
    @ValidationRule(
            value = "!has(self.tolerationSeconds) || has(self.effect) && self.effect == 'NoExecute'",
            fieldPath = ".tolerationSeconds",
            messageExpression = "'belongs to effect NoExecute, found effect %s'.format([has(self.effect) ?"
                    + " self.effect : 'of every kind'])")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Toleration(
            @JsonPropertyDescription("Key of the taint. Left out with operator Exists, it is every taint.")
            @Pattern(Syntax.KEY)
            @Size(max = Syntax.KEY_LENGTH)
            @Nullable
            String key,

            @JsonPropertyDescription("Equal compares value; Exists takes any. Left out, it is Equal.")
            @Default("Equal")
            @Nullable
            Operator operator,

            @JsonPropertyDescription("Value of the taint, with operator Equal. Left out, it is empty.")
            @Pattern(Syntax.VALUE)
            @Size(max = Syntax.LABEL_LENGTH)
            @Nullable
            String value,

            @JsonPropertyDescription("NoSchedule, PreferNoSchedule or NoExecute. Left out, it is every effect.")
            @Nullable
            Effect effect,

            @JsonPropertyDescription(
                    "Seconds that effect NoExecute is borne, from 0 to 2147483647. Left out, for ever.")
            @Min(0)
            @Max(Integer.MAX_VALUE)
            @Nullable
            Long tolerationSeconds) {}

    /** How a taint is compared. */
    public enum Operator {
        @JsonProperty("Equal")
        EQUAL,
        @JsonProperty("Exists")
        EXISTS
    }

    /** What a taint does. */
    public enum Effect {
        @JsonProperty("NoSchedule")
        NO_SCHEDULE,
        @JsonProperty("PreferNoSchedule")
        PREFER_NO_SCHEDULE,
        @JsonProperty("NoExecute")
        NO_EXECUTE
    }
}
