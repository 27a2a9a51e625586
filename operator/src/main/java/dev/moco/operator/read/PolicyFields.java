package dev.moco.operator.read;

import java.util.Map;

/** The policy of a cluster: checked wherever the file is read, used by the operator alone. */
final class PolicyFields {
    private PolicyFields() {}

    static void check(Fields spec) {
        spec.flag("suspend", false);
        spec.flag("cancel", false);
        spec.text("retryToken", text -> text.length() <= 63, "must be a text of at most 63 characters");
        Fields failure = spec.object("failurePolicy");
        failure.integer("retries", 3, 0, 100);
        failure.refuseOthers();
        Fields timeouts = spec.object("timeouts");
        timeouts.integer("pendingMinutes", 0, 0, 1_000_000);
        timeouts.integer("activeHours", 0, 0, 100_000);
        timeouts.integer("stalledMinutes", 20, 0, 100_000);
        timeouts.refuseOthers();
        Fields scheduling = spec.object("scheduling");
        scheduling.text("queueName", text -> !text.isBlank(), "must be the name of a queue");
        scheduling.text("priorityClassName", text -> !text.isBlank(), "must be the name of a priority class");
        scheduling.map("nodeSelector");
        scheduling.refuseOthers();
        Fields retention = spec.object("retention");
        retention.integer("jobsTtlSeconds", 86_400, 0, Integer.MAX_VALUE);
        retention.choice("onDelete", "Retain", Map.of("Retain", "Retain"));
        retention.refuseOthers();
    }
}
