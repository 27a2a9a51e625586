package dev.moco.operator.jobs;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.Experiment;
import dev.moco.contract.Sha256;
import dev.moco.contract.Stage;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.plan.Policy.Resource;
import dev.moco.operator.plan.Policy.TaintToleration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Hash of the policy that is in the template of a Job's pods, which is fixed once the Job exists. A Job has it as an
 * annotation, since a queue or a webhook may change the template itself. Options of the operator are not in it: a new
 * operator makes no Job anew.
 */
public final class JobPolicy {
    private static final int LENGTH = 12;

    private JobPolicy() {}

    /** Value of {@link JobLabels#POD_POLICY} for a Job of a stage. */
    public static String hash(Stage stage, Experiment experiment, Policy policy) {
        Map<String, Object> fields = new TreeMap<>();
        if (stage.hasTrials()) {
            fields.put("backoffLimitPerIndex", policy.retries());
        }
        scheduling(policy.scheduling(), fields);
        resources(policy.resources(), stage, fields);
        int checkpointEpochs = policy.retention().checkpointEpochs(stage);
        put(fields, "checkpointEpochs", Optional.of(checkpointEpochs).filter(epochs -> epochs > 0));
        put(fields, "secret", policy.access().credentialsSecret());
        put(fields, "serviceAccount", policy.access().serviceAccountName());
        StoreLocation store = experiment.store();
        if (store != null) {
            put(fields, "region", Optional.ofNullable(store.region()));
            fields.put("pathStyle", store.pathStyle());
            fields.put("checksums", store.checksums());
        }
        return Sha256.of(CanonicalJson.bytes(fields)).substring(0, LENGTH);
    }

    private static void scheduling(Policy.Scheduling scheduling, Map<String, Object> fields) {
        put(fields, "queue", scheduling.queueName());
        put(fields, "priorityClass", scheduling.priorityClassName());
        fields.put("nodeSelector", scheduling.nodeSelector());
        fields.put(
                "tolerations",
                scheduling.tolerations().stream().map(JobPolicy::toleration).toList());
    }

    private static Map<String, Object> toleration(TaintToleration toleration) {
        Map<String, Object> fields = new TreeMap<>();
        put(fields, "key", toleration.key());
        fields.put("operator", toleration.operator());
        put(fields, "value", toleration.value());
        put(fields, "effect", toleration.effect());
        put(fields, "seconds", toleration.tolerationSeconds());
        return fields;
    }

    private static void resources(Policy.Resources resources, Stage stage, Map<String, Object> fields) {
        Resource resource = resources.of(stage);
        put(fields, "image", resources.image());
        put(fields, "accelerator", resources.accelerator());
        if (resources.deterministic()) {
            fields.put("deterministic", true);
        }
        fields.put("gpus", resource.gpus());
        fields.put("cpu", resource.cpu());
        put(fields, "memory", resource.memory());
        put(fields, "shm", resource.shm());
        put(fields, "ephemeralStorage", resource.ephemeralStorage());
        put(fields, "nodes", Optional.of(resource.nodes()).filter(nodes -> nodes > 1));
    }

    /** Leaves out what is not given, so that a field of a later version changes no hash where it is not given. */
    private static void put(Map<String, Object> fields, String name, Optional<?> value) {
        value.ifPresent(given -> fields.put(name, given));
    }
}
