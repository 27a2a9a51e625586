package dev.moco.operator.jobs;

import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.MoCoExperiment;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Labels, annotations and conditions of Jobs. */
public final class JobLabels {
    public static final String NAME = "app.kubernetes.io/name";
    public static final String NAME_VALUE = "moco-stage";
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String MANAGED_BY_VALUE = "moco";
    public static final String EXPERIMENT = MoCoExperiment.GROUP + "/experiment";
    public static final String STAGE = MoCoExperiment.GROUP + "/stage";
    public static final String TASK = MoCoExperiment.GROUP + "/task";
    public static final String KEY = MoCoExperiment.GROUP + "/key";
    /** Annotation of a Job and its pods: JSON of task name to key, in the order of the Job's indexes. */
    public static final String KEYS = MoCoExperiment.GROUP + "/keys";
    /**
     * Annotation: steps of the checkpoints that its tasks begin from, in the order of the Job's indexes, such as
     * {@code 400,0}; absent if none has a checkpoint.
     */
    public static final String CHECKPOINTS = MoCoExperiment.GROUP + "/checkpoints";
    /** Annotation of a Job and its pods: the store that they commit to. */
    public static final String STORE = MoCoExperiment.GROUP + "/store";

    /** Annotation of a Job: hash of the policy that its pods were made with, see {@link JobPolicy}. */
    public static final String POD_POLICY = MoCoExperiment.GROUP + "/pod-policy";
    /** Annotation of a Job: retries of the policy that it was made with, or patched to since. */
    public static final String RETRIES = MoCoExperiment.GROUP + "/retries";

    /** Label of a pod: its Job. */
    public static final String JOB_NAME = "batch.kubernetes.io/job-name";
    /** Label of a pod: the uid of its Job. */
    public static final String JOB_UID = "batch.kubernetes.io/controller-uid";
    /** Annotation of a pod: its index in an Indexed Job. */
    public static final String COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";
    /** Condition of a Job whose pods have succeeded. */
    public static final String COMPLETE = "Complete";
    /** Condition of a Job that has failed. */
    public static final String FAILED = "Failed";

    private static final int KEY_LENGTH = 64;

    private JobLabels() {}

    /**
     * Full keys by task of a Job or pod, in the order of the Job's indexes; empty for one of another program.
     * Informers index by them.
     */
    public static Map<String, String> keys(HasMetadata object) {
        Map<String, String> keys = new LinkedHashMap<>();
        // Names and keys need no escapes, so it is enough to split at quotes: each reconcile reads this for each Job.
        String[] parts = annotation(object, KEYS).orElse("").split("\"", -1);
        for (int name = 1; name + 2 < parts.length; name += 4) {
            if (parts[name + 2].length() == KEY_LENGTH) {
                keys.put(parts[name], parts[name + 2]);
            }
        }
        return keys;
    }

    /** True if an object has a controller, of any kind. */
    public static boolean isControlled(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> Boolean.TRUE.equals(owner.getController()));
    }

    /**
     * True if an object's controller is an experiment. The garbage collector deletes an object whose owner does not
     * exist in its namespace, so a reference to an experiment of another namespace does not last.
     */
    public static boolean isControlledByExperiment(HasMetadata object) {
        return object.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> Boolean.TRUE.equals(owner.getController())
                        && MoCoExperiment.KIND.equals(owner.getKind())
                        && owner.getApiVersion().startsWith(MoCoExperiment.GROUP + "/"));
    }

    /** Returns whether an object's controller has a uid. */
    public static boolean isOwnedBy(HasMetadata object, String uid) {
        return object.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> Boolean.TRUE.equals(owner.getController())
                        && owner.getUid().equals(uid));
    }

    /** True if the pods of an Indexed Job run one task together, one on each node; else each has a trial of its own. */
    public static boolean sharesTask(Job job) {
        @Nullable Integer completions = job.getSpec().getCompletions();
        return completions != null && completions > 1 && keys(job).size() == 1;
    }

    /** True if a Job has completed or failed. */
    public static boolean ended(Job job) {
        return condition(job, COMPLETE) || condition(job, FAILED);
    }

    /** Returns whether a Job's condition is true. */
    public static boolean condition(Job job, String type) {
        return conditions(job).stream()
                .anyMatch(is -> is.getType().equals(type) && is.getStatus().equals(ConditionStatus.TRUE));
    }

    private static List<io.fabric8.kubernetes.api.model.batch.v1.JobCondition> conditions(Job job) {
        return job.getStatus() == null ? List.of() : job.getStatus().getConditions();
    }

    public static Optional<String> annotation(HasMetadata object, String name) {
        @Nullable Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? Optional.empty() : Optional.ofNullable(annotations.get(name));
    }

    public static Optional<String> label(HasMetadata object, String name) {
        @Nullable Map<String, String> labels = object.getMetadata().getLabels();
        return labels == null ? Optional.empty() : Optional.ofNullable(labels.get(name));
    }
}
