package dev.moco.operator.jobs;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.util.Map;

/** How a Job says what it is. */
public final class StageJobs {
    public static final String EXPERIMENT = "moco.dev/experiment";
    public static final String STAGE = "moco.dev/stage";
    public static final String TASK = "moco.dev/task";
    public static final String KEY = "moco.dev/key";
    /** Annotation: JSON of task name to key, in the order of the Job's indexes. */
    public static final String KEYS = "moco.dev/keys";
    /** Annotation: the store that the Job commits to. */
    public static final String STORE = "moco.dev/store";

    private StageJobs() {}

    /** Full keys by task, in the order of the indexes; empty for a Job that is not a stage's. What an informer indexes by. */
    public static Map<String, String> keys(Job job) {
        throw new UnsupportedOperationException("not written yet " + job);
    }
}
