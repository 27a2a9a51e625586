package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one stage process is told: the JSON in its environment variable {@value #VARIABLE}, or one of those in
 * {@value #LIST_VARIABLE}. Credentials come by the usual AWS variables, never in here.
 *
 * @param experiment name for logs
 * @param name task within the experiment, such as {@code pretrain} or {@code detect-0}
 * @param key the stage's key
 * @param config what to do
 * @param inputs committed stages by role: {@code imagenet}, {@code voc}, {@code encoder}
 * @param source raw data of {@code prepare}: {@code s3://bucket/prefix} or a folder; null for the others
 * @param store where artifacts live
 * @param execution how to run; changes no result
 */
public record StageTask(
        String experiment,
        String name,
        String key,
        StageConfig config,
        Map<String, ArtifactRef> inputs,
        @Nullable String source,
        StoreLocation store,
        Execution execution) {
    public static final String VARIABLE = "MOCO_TASK";
    /** In place of {@link #VARIABLE} where one Job runs several tasks: their JSON array. */
    public static final String LIST_VARIABLE = "MOCO_TASKS";
    /** Which of {@link #LIST_VARIABLE} is this process's; Kubernetes sets it in the pods of an Indexed Job. */
    public static final String INDEX_VARIABLE = "JOB_COMPLETION_INDEX";
    /** File for the {@link Termination}; the kubelet's default where the variable is unset. */
    public static final String TERMINATION_VARIABLE = "MOCO_TERMINATION_LOG";

    public static final String IMAGENET = "imagenet";
    public static final String VOC = "voc";
    public static final String ENCODER = "encoder";

    public StageTask {
        inputs = Map.copyOf(inputs);
    }

    /**
     * How to run.
     *
     * @param threads processor cores the stage may use
     * @param cacheFolder local folder for verified copies of inputs; may be shared and may be lost
     * @param checkpointSeconds longest time between two checkpoints of a running stage
     * @param progressSeconds shortest time between two writes of {@code progress.json}
     * @param knn monitor of pre-training; null for the other stages, and turns it off
     */
    public record Execution(
            int threads,
            String cacheFolder,
            int checkpointSeconds,
            int progressSeconds,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            KnnMonitor knn) {}
}
