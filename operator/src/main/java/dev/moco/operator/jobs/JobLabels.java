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

/** How a Job says what it is. */
public final class JobLabels {
    public static final String NAME = "app.kubernetes.io/name";
    public static final String NAME_VALUE = "moco-stage";
    public static final String MANAGED_BY = "app.kubernetes.io/managed-by";
    public static final String MANAGED_BY_VALUE = "moco";
    public static final String EXPERIMENT = MoCoExperiment.GROUP + "/experiment";
    public static final String STAGE = MoCoExperiment.GROUP + "/stage";
    public static final String TASK = MoCoExperiment.GROUP + "/task";
    public static final String KEY = MoCoExperiment.GROUP + "/key";
    /** Annotation: JSON of task name to key, in the order of the Job's indexes. */
    public static final String KEYS = MoCoExperiment.GROUP + "/keys";
    /** Annotation: the store that the Job commits to. */
    public static final String STORE = MoCoExperiment.GROUP + "/store";

    /** Label of a pod: its Job. */
    public static final String JOB_NAME = "batch.kubernetes.io/job-name";
    /** Annotation of a pod: its index in an Indexed Job. */
    public static final String COMPLETION_INDEX = "batch.kubernetes.io/job-completion-index";
    /** Condition of a Job whose pods have succeeded. */
    public static final String COMPLETE = "Complete";
    /** Condition of a Job that has failed. */
    public static final String FAILED = "Failed";

    private static final int KEY_LENGTH = 64;

    private JobLabels() {}

    /** Full keys by task, in the order of the indexes; empty for a Job that is not a stage's. What an informer indexes by. */
    public static Map<String, String> keys(Job job) {
        Map<String, String> keys = new LinkedHashMap<>();
        // Names and keys need no escapes, so quotes are all that has to be read: this is asked for each Job at every
        // turn.
        String[] parts = annotation(job, KEYS).orElse("").split("\"", -1);
        for (int name = 1; name + 2 < parts.length; name += 4) {
            if (parts[name + 2].length() == KEY_LENGTH) {
                keys.put(parts[name], parts[name + 2]);
            }
        }
        return keys;
    }

    /** Whether an object's controller has a uid. */
    public static boolean isOwnedBy(HasMetadata object, String uid) {
        return object.getMetadata().getOwnerReferences().stream()
                .anyMatch(owner -> Boolean.TRUE.equals(owner.getController())
                        && owner.getUid().equals(uid));
    }

    /** Whether a Job has ended, well or badly. */
    public static boolean ended(Job job) {
        return condition(job, COMPLETE) || condition(job, FAILED);
    }

    /** Whether a Job's condition is true. */
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
