package dev.moco.operator.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import com.fasterxml.jackson.annotation.JsonValue;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Placement of pods. */
@ValidationRule(
        value = "!has(self.nodeSelector) || self.nodeSelector.all(key, key.size() <= " + Syntax.KEY_LENGTH
                + " && key.matches(r'" + Syntax.KEY + "'))",
        fieldPath = ".nodeSelector",
        messageExpression = "'must have the keys of labels, found %s'.format([self.nodeSelector])")
@JsonInclude(JsonInclude.Include.NON_NULL)
public record SchedulingSpec(
        @JsonPropertyDescription(
                "Kueue's LocalQueue that admits the Jobs. Without it, Jobs start as soon as there is room.")
        @Rule("must be the name of a queue")
        @Pattern(Syntax.LABEL)
        @Size(max = Syntax.LABEL_LENGTH)
        @Nullable
        String queueName,

        @JsonPropertyDescription("PriorityClass of the pods. Without it, the cluster's default is used.")
        @Rule("must be the name of a priority class")
        @Pattern(Syntax.NAME)
        @Size(max = Syntax.NAME_LENGTH)
        @Nullable
        String priorityClassName,

        @JsonPropertyDescription("Labels that a node must have. Without it, any node will do.")
        @Size(max = 32)
        @Nullable
        Map<
                        String,
                        @Rule("must be the value of a label") @Pattern(Syntax.VALUE) @Size(max = Syntax.LABEL_LENGTH)
                        String>
                nodeSelector,

        @JsonPropertyDescription("Taints of nodes that pods tolerate. Without it, none.") @Size(max = 32) @Nullable
        List<TolerationSpec> tolerations,

        @UnknownFields @Nullable Map<String, Object> unknown) {

    /** A taint that is tolerated. */
    @ValidationRule(
            value = "!has(self.value) || self.?operator.orValue('Equal') == 'Equal'",
            fieldPath = ".value",
            messageExpression = "'belongs to operator Equal; Exists has none, found %s'.format([self.value])")
    @ValidationRule(
            value = "has(self.key) || self.?operator.orValue('Equal') == 'Exists'",
            fieldPath = ".key",
            message = "must be given with operator Equal")
    @ValidationRule(
            value = "!has(self.tolerationSeconds) || has(self.effect) && self.effect == 'NoExecute'",
            fieldPath = ".tolerationSeconds",
            messageExpression = "'belongs to effect NoExecute, found effect %s'.format([has(self.effect) ?"
                    + " self.effect : 'of every kind'])")
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record TolerationSpec(
            @JsonPropertyDescription(
                    "Key of the taint. Without it, which needs operator Exists, every taint is tolerated.")
            @Rule("must be the key of a taint")
            @Pattern(Syntax.KEY)
            @Size(max = Syntax.KEY_LENGTH)
            @Nullable
            String key,

            @JsonPropertyDescription("Comparison of values: Equal compares value; Exists takes any. Defaults to Equal.")
            @Nullable
            Operator operator,

            @JsonPropertyDescription("Value of the taint, with operator Equal. Without it, the empty value.")
            @Rule("must be the value of a taint")
            @Pattern(Syntax.VALUE)
            @Size(max = Syntax.LABEL_LENGTH)
            @Nullable
            String value,

            @JsonPropertyDescription(
                    "NoSchedule, PreferNoSchedule or NoExecute. Without it, every effect is tolerated.")
            @Nullable
            Effect effect,

            @JsonPropertyDescription("Seconds that effect NoExecute is tolerated. Without it, forever.")
            @Min(0)
            @Max(Integer.MAX_VALUE)
            @Nullable
            Long tolerationSeconds,

            @UnknownFields @Nullable Map<String, Object> unknown) {
        /**
         * The operator, or its default. The schema has none: kubectl replaces a list as a whole, so an item that the
         * server fills in would differ from the file in every comparison.
         */
        public Operator comparison() {
            return Objects.requireNonNullElse(operator, Operator.EQUAL);
        }
    }

    /** Comparison of a taint. */
    public enum Operator {
        EQUAL("Equal"),
        EXISTS("Exists");

        private final String text;

        Operator(String text) {
            this.text = text;
        }

        /** This operator as a pod has it. */
        @JsonValue
        public String text() {
            return text;
        }
    }

    /** Effect of a taint. */
    public enum Effect {
        NO_SCHEDULE("NoSchedule"),
        PREFER_NO_SCHEDULE("PreferNoSchedule"),
        NO_EXECUTE("NoExecute");

        private final String text;

        Effect(String text) {
            this.text = text;
        }

        /** This effect as a pod has it. */
        @JsonValue
        public String text() {
            return text;
        }
    }
}
