package dev.moco.operator.spec;

import dev.moco.contract.Stage;
import dev.moco.operator.api.Syntax;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.plan.Policy.Access;
import dev.moco.operator.plan.Policy.Gates;
import dev.moco.operator.plan.Policy.OnDelete;
import dev.moco.operator.plan.Policy.Resource;
import dev.moco.operator.plan.Policy.Resources;
import dev.moco.operator.plan.Policy.Retention;
import dev.moco.operator.plan.Policy.Scheduling;
import dev.moco.operator.plan.Policy.Timeouts;
import dev.moco.operator.plan.Policy.Toleration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** The policy of a cluster: checked wherever the file is read, used by the operator alone. */
final class PolicyFields {
    private static final String ANY = "(?s).*";
    /** Of {@code accelerator}: no GPU. */
    private static final String NONE = "None";

    private static final Policy DEFAULT = Policy.DEFAULT;

    private PolicyFields() {}

    static Policy read(Fields spec, Access access) {
        return new Policy(
                spec.flag("suspend", DEFAULT.suspend()),
                spec.flag("cancel", DEFAULT.cancel()),
                spec.text("retryToken", Syntax.LABEL_LENGTH, ANY, "must be a text of at most 63 characters"),
                retries(spec.object("failurePolicy")),
                timeouts(spec.object("timeouts")),
                scheduling(spec.object("scheduling")),
                retention(spec.object("retention")),
                resources(spec.object("resources")),
                gates(spec.object("gates")),
                access);
    }

    private static int retries(Fields fields) {
        int retries = fields.integer("retries", DEFAULT.retries(), 0, 100);
        fields.refuseOthers();
        return retries;
    }

    private static Timeouts timeouts(Fields fields) {
        Timeouts none = DEFAULT.timeouts();
        Timeouts timeouts = new Timeouts(
                fields.integer("pendingMinutes", none.pendingMinutes(), 0, 1_000_000),
                fields.integer("activeHours", none.activeHours(), 0, 100_000),
                fields.integer("stalledMinutes", none.stalledMinutes(), 0, 100_000));
        fields.refuseOthers();
        return timeouts;
    }

    private static Scheduling scheduling(Fields fields) {
        Scheduling scheduling = new Scheduling(
                fields.text("queueName", Syntax.LABEL_LENGTH, Syntax.LABEL, "must be the name of a queue"),
                fields.text(
                        "priorityClassName", Syntax.NAME_LENGTH, Syntax.NAME, "must be the name of a priority class"),
                fields.labels("nodeSelector"),
                fields.objects("tolerations").stream()
                        .map(PolicyFields::toleration)
                        .toList());
        fields.refuseOthers();
        return scheduling;
    }

    private static Toleration toleration(Fields fields) {
        Optional<String> key = fields.text("key", Syntax.KEY_LENGTH, Syntax.KEY, "must be the key of a taint");
        String operator = fields.choice("operator", "Equal", choices("Equal", "Exists"));
        Optional<String> value =
                fields.text("value", Syntax.LABEL_LENGTH, Syntax.VALUE, "must be the value of a taint");
        Map<String, String> effects = choices("NoSchedule", "PreferNoSchedule", "NoExecute");
        Optional<String> effect =
                fields.has("effect") ? Optional.of(fields.choice("effect", "NoSchedule", effects)) : Optional.empty();
        Optional<Long> seconds = fields.has("tolerationSeconds")
                ? Optional.of(fields.whole("tolerationSeconds", 0, 0, Integer.MAX_VALUE))
                : Optional.empty();
        // As the API server would refuse the pod.
        if (operator.equals("Exists") && value.isPresent()) {
            fields.broken("value", "belongs to operator Equal; Exists has none", value.get());
        }
        if (fields.present() && operator.equals("Equal") && !fields.has("key")) {
            fields.broken("key", "must be given with operator Equal", "nothing");
        }
        if (seconds.isPresent() && !effect.equals(Optional.of("NoExecute"))) {
            fields.broken(
                    "tolerationSeconds", "belongs to effect NoExecute", "effect " + effect.orElse("of every kind"));
        }
        fields.refuseOthers();
        return new Toleration(key, operator, value, effect, seconds);
    }

    private static Map<String, String> choices(String... names) {
        Map<String, String> choices = new LinkedHashMap<>();
        for (String name : names) {
            choices.put(name, name);
        }
        return choices;
    }

    private static Retention retention(Fields fields) {
        Retention retention = new Retention(
                fields.integer("jobsTtlSeconds", DEFAULT.retention().jobsTtlSeconds(), 0, Integer.MAX_VALUE),
                fields.choice("onDelete", DEFAULT.retention().onDelete(), Map.of("Retain", OnDelete.RETAIN)));
        fields.refuseOthers();
        return retention;
    }

    private static Resources resources(Fields fields) {
        Optional<String> named = fields.text(
                "accelerator",
                Syntax.KEY_LENGTH,
                Syntax.ACCELERATOR,
                "must be None or an extended resource, such as nvidia.com/gpu or amd.com/gpu");
        Optional<String> accelerator =
                named.or(() -> DEFAULT.resources().accelerator()).filter(name -> !name.equals(NONE));
        Optional<String> image = fields.text(
                "image",
                Syntax.TEXT_LENGTH,
                Syntax.IMAGE,
                "must be an image, such as registry.example/moco-stages:0.1.0");
        Map<Stage, Resource> stages = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            stages.put(stage, resource(fields.object(stage.id()), stage, accelerator.isPresent()));
        }
        fields.refuseOthers();
        return new Resources(accelerator, image, stages);
    }

    private static Resource resource(Fields fields, Stage stage, boolean accelerated) {
        Resource fallback = Resource.of(stage, accelerated);
        Resource resource = new Resource(
                fields.integer("gpus", fallback.gpus(), 0, 1024),
                fields.integer("cpu", fallback.cpu(), 1, 1024),
                quantity(fields, "memory"),
                quantity(fields, "shm"));
        if (!accelerated && resource.gpus() > 0) {
            fields.broken("gpus", "must be 0, since accelerator is None", resource.gpus());
        }
        fields.refuseOthers();
        return resource;
    }

    private static Optional<String> quantity(Fields fields, String name) {
        return fields.text(
                name, Syntax.LABEL_LENGTH, Syntax.QUANTITY, "must be a number of bytes with its unit, such as 24Gi");
    }

    private static Gates gates(Fields fields) {
        Gates gates = new Gates(fields.decimal("dataWaitShare", DEFAULT.gates().dataWaitShare(), 0, true, 1));
        fields.refuseOthers();
        return gates;
    }
}
