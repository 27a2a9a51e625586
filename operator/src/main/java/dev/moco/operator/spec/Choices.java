package dev.moco.operator.spec;

import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Names that several stages share, and the rules of a schedule. */
final class Choices {
    private Choices() {}

    static Precision precision(Fields fields) {
        Map<String, Precision> choices = new LinkedHashMap<>();
        choices.put("Float32", Precision.FLOAT32);
        choices.put("BFloat16", Precision.BFLOAT16);
        return fields.choice("precision", Precision.FLOAT32, choices);
    }

    static Schedule schedule(Fields fields, Schedule fallback) {
        Map<String, Schedule> choices = new LinkedHashMap<>();
        choices.put("Cosine", Schedule.COSINE);
        choices.put("Step", Schedule.STEP);
        return fields.choice("schedule", fallback, choices);
    }

    /** Milestones of a schedule: ascending, and before its end. */
    static List<Integer> milestones(Fields fields, List<Integer> fallback, Schedule schedule, int end, String unit) {
        List<Integer> milestones = fields.integers("milestones", fallback, 1, 100_000_000);
        if (schedule == Schedule.COSINE) {
            if (!fields.wrong("schedule") && fields.has("milestones") && !milestones.isEmpty()) {
                fields.broken("milestones", "belong to schedule Step; a Cosine schedule has none", milestones);
            }
            return List.of();
        }
        for (int i = 0; i < milestones.size(); i++) {
            if (i > 0 && milestones.get(i) <= milestones.get(i - 1)) {
                fields.broken("milestones", "must ascend", milestones);
                return milestones;
            }
        }
        // The unit is also the name of the field with the end.
        if (fields.has("milestones")
                && !fields.wrong(unit)
                && !milestones.isEmpty()
                && milestones.get(milestones.size() - 1) >= end) {
            fields.broken("milestones", "must be below the " + end + " " + unit, milestones);
        }
        return milestones;
    }
}
