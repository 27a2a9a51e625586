package dev.moco.operator.plan;

import dev.moco.contract.Stage;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * The part of a spec that may change while an experiment runs, since it affects no result.
 *
 * @param suspend true stops its work, keeping checkpoints, until this is false again
 * @param cancel true ends it for good
 * @param retryToken a text; a change of it lets failed stages run again
 * @param retries faults of one task since its newest checkpoint that are retried; the task fails with the next one
 * @param timeouts time limits
 * @param scheduling queue and nodes of pods
 * @param retention time to keep Jobs and results
 * @param resources requests of pods
 * @param gates thresholds of conditions
 * @param access credentials and account of pods
 */
public record Policy(
        boolean suspend,
        boolean cancel,
        Optional<String> retryToken,
        int retries,
        Timeouts timeouts,
        Scheduling scheduling,
        Retention retention,
        Resources resources,
        Gates gates,
        Access access) {

    /**
     * Time limits; 0 disables a limit.
     *
     * @param pendingMinutes longest wait of a pod for a node
     * @param activeHours longest run of one stage, counted while its pod runs
     * @param stalledMinutes longest time without progress of a running stage before its pod is replaced
     */
    public record Timeouts(int pendingMinutes, int activeHours, int stalledMinutes) {}

    /**
     * Queue and nodes of pods.
     *
     * @param queueName Kueue's queue that admits the Jobs
     * @param priorityClassName class of the pods' priority
     * @param nodeSelector labels that a node must have
     * @param tolerations tolerated taints of nodes
     */
    public record Scheduling(
            Optional<String> queueName,
            Optional<String> priorityClassName,
            Map<String, String> nodeSelector,
            List<TaintToleration> tolerations) {
        public Scheduling {
            nodeSelector = Map.copyOf(nodeSelector);
            tolerations = List.copyOf(tolerations);
        }
    }

    /**
     * A toleration, with the fields that a pod has.
     *
     * @param key key of the taint; empty tolerates every taint, with operator {@code Exists}
     * @param operator {@code Equal} or {@code Exists}
     * @param value value of the taint, with operator {@code Equal}
     * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}; empty tolerates each
     * @param tolerationSeconds time for which {@code NoExecute} is tolerated; empty for ever
     */
    public record TaintToleration(
            Optional<String> key,
            String operator,
            Optional<String> value,
            Optional<String> effect,
            Optional<Long> tolerationSeconds) {}

    /**
     * Time to keep Jobs and results.
     *
     * @param jobsTtlSeconds time to keep an ended Job, once its experiment has ended too
     * @param onDelete consequence of a deletion of the experiment for its results
     * @param checkpointEpochs epochs of pre-training between two checkpoints that are kept; 0 keeps none for their number
     */
    public record Retention(int jobsTtlSeconds, DeletionPolicy onDelete, int checkpointEpochs) {
        /** Checkpoints of a stage that are kept: its epochs between two of them; 0 in stages other than pre-training. */
        public int checkpointEpochs(Stage stage) {
            return stage == Stage.PRETRAIN ? checkpointEpochs : 0;
        }
    }

    /** Consequence of a deletion for the results: other experiments may share them, so they stay. */
    public enum DeletionPolicy {
        RETAIN
    }

    /**
     * Requests of pods.
     *
     * @param accelerator the extended resource of a GPU; empty runs everything on the CPU
     * @param image image of the stages; empty takes the operator's
     * @param deterministic whether GPUs take only algorithms that add in the same order at every run
     * @param stages resources by stage, for each stage
     */
    public record Resources(
            Optional<String> accelerator, Optional<String> image, boolean deterministic, Map<Stage, Resource> stages) {
        public Resources {
            stages = Map.copyOf(stages);
        }

        /** Resources of a pod of a stage. */
        public Resource of(Stage stage) {
            return Objects.requireNonNull(stages.get(stage), stage.id());
        }
    }

    /**
     * Requests of one pod.
     *
     * @param gpus accelerators
     * @param cpu cores, and so the stage's threads
     * @param memory request and limit, as Kubernetes writes it ({@code 24Gi}); empty requests the estimate of the plan
     * @param shm size of {@code /dev/shm}, likewise; empty takes the operator's
     * @param ephemeralStorage local disk for temporary files and copies of shards, likewise; empty requests room for all of
     *     them
     * @param nodes pods with these resources that run the stage together
     */
    public record Resource(
            int gpus,
            int cpu,
            Optional<String> memory,
            Optional<String> shm,
            Optional<String> ephemeralStorage,
            int nodes) {
        /** Requests of a stage of one pod. */
        public Resource(
                int gpus, int cpu, Optional<String> memory, Optional<String> shm, Optional<String> ephemeralStorage) {
            this(gpus, cpu, memory, shm, ephemeralStorage, 1);
        }
    }

    /**
     * Thresholds of conditions.
     *
     * @param dataWaitShare share of a step's time spent waiting for data above which the loader is the bottleneck
     */
    public record Gates(double dataWaitShare) {}

    /**
     * Credentials and account of pods.
     *
     * @param credentialsSecret Secret with the keys; empty takes the operator's default or the pod's identity
     * @param serviceAccountName account of the pods; empty is the namespace's default
     */
    public record Access(Optional<String> credentialsSecret, Optional<String> serviceAccountName) {}
}
