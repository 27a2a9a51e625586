package dev.moco.contract;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Task of one stage process, as JSON in its environment variable {@value #VARIABLE} or in the array in
 * {@value #LIST_VARIABLE}. It contains no credentials; these are in the usual AWS variables.
 *
 * @param experiment name of the experiment, for logs
 * @param name name of the task within the experiment, such as {@code pretrain} or {@code detect-0}
 * @param key the stage's key
 * @param config the stage's configuration
 * @param inputs committed artifacts by role: {@code imagenet}, {@code voc}, {@code encoder}, {@code initial}
 * @param source raw data of {@code prepare}, file of {@code weights}: {@code s3://bucket/path} or a path; null in other stages
 * @param store bucket of the artifacts
 * @param execution settings that do not change the result
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
    /** Variable with the JSON array of the tasks of an Indexed Job, in place of {@link #VARIABLE}. */
    public static final String LIST_VARIABLE = "MOCO_TASKS";
    /**
     * Variable with the index of this process's task in the array; Kubernetes sets it in the pods of an Indexed Job.
     */
    public static final String INDEX_VARIABLE = "JOB_COMPLETION_INDEX";
    /** Number of devices of a stage, one process each; defaults to the GPUs, or 1 on the CPU. */
    public static final String DEVICES_VARIABLE = "MOCO_DEVICES";

    /** Number of the pods that run a stage together, one on each node; the index of each is in {@link #INDEX_VARIABLE}. */
    public static final String NODES_VARIABLE = "MOCO_NODES";
    /** IP address of such a pod, on which its first process listens. */
    public static final String POD_IP_VARIABLE = "MOCO_POD_IP";
    /** Identity of such a pod, which is another one after a restart. */
    public static final String POD_UID_VARIABLE = "MOCO_POD_UID";
    /** Identity of such a pod's Job. */
    public static final String JOB_UID_VARIABLE = "MOCO_JOB_UID";

    /** Variable with the path of the file for the {@link Termination}; defaults to the kubelet's path. */
    public static final String TERMINATION_VARIABLE = "MOCO_TERMINATION_LOG";

    /** Variable that makes the process exit when its standard input ends, which its parent holds open; set to 1. */
    public static final String EXIT_WITH_PARENT_VARIABLE = "MOCO_EXIT_WITH_PARENT";

    /** Variable with the MiB that copies of shards may take of the cache folder; without it, as much as there is. */
    public static final String CACHE_VARIABLE = "MOCO_CACHE_MIB";

    /** Variable that says that the store's objects are on the disk of the cache folder; set to 1 for the embedded store. */
    public static final String STORE_ON_DISK_VARIABLE = "MOCO_STORE_ON_DISK";

    /** Variable with the name of the container's image, for {@link Provenance}. */
    public static final String IMAGE_VARIABLE = "MOCO_IMAGE";

    public static final String IMAGENET = "imagenet";
    public static final String VOC = "voc";
    public static final String ENCODER = "encoder";
    /** State that pre-training starts with, in place of random numbers. */
    public static final String INITIAL = "initial";

    public StageTask {
        inputs = Map.copyOf(inputs);
    }

    /**
     * Settings of a run that do not change its result.
     *
     * @param threads threads of the stage
     * @param cacheFolder local folder for verified copies of inputs; stages may share it, and its files may be deleted
     * @param checkpointSeconds time between two checkpoints; longer if saving one is slow
     * @param progressSeconds least time between two writes of {@code progress.json}
     * @param knn monitor of pre-training, which may be off; null in other stages
     * @param deterministic whether a GPU takes only algorithms that add in the same order at every run; a CPU always does
     * @param keepEveryEpochs epochs of pre-training between two checkpoints that are kept; 0 keeps none for their number
     */
    public record Execution(
            int threads,
            String cacheFolder,
            int checkpointSeconds,
            int progressSeconds,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            KnnMonitor knn,

            @AddedLater(neutral = "false") boolean deterministic,
            @AddedLater(neutral = "0") int keepEveryEpochs) {
        /** Settings of a run that keeps no checkpoints for the number of their epochs. */
        public Execution(
                int threads,
                String cacheFolder,
                int checkpointSeconds,
                int progressSeconds,
                @Nullable KnnMonitor knn,
                boolean deterministic) {
            this(threads, cacheFolder, checkpointSeconds, progressSeconds, knn, deterministic, 0);
        }
    }
}
