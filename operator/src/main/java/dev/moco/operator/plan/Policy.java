package dev.moco.operator.plan;

import dev.moco.contract.Stage;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * How an experiment is run: all that may change while it runs, and that changes no result.
 *
 * @param suspend whether its work is to stop, keeping checkpoints, until this is false again
 * @param cancel whether it is given up for good
 * @param retryToken a text whose change gives failed stages another chance
 * @param retries faults of one task that are forgiven; it has failed with the next
 * @param timeouts when waiting or standing still has lasted too long
 * @param scheduling where pods go
 * @param retention what is kept for how long
 * @param resources what pods ask for
 * @param gates figures that raise a condition
 * @param access how pods reach the store
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
     * Limits of time; 0 is none.
     *
     * @param pendingMinutes longest wait of a pod for a node
     * @param activeHours longest run of one stage, counted while its pod runs
     * @param stalledMinutes longest silence of a running stage before its pod is replaced
     */
    public record Timeouts(int pendingMinutes, int activeHours, int stalledMinutes) {}

    /**
     * Where pods go.
     *
     * @param queueName Kueue's queue that admits the Jobs
     * @param priorityClassName class of the pods' priority
     * @param nodeSelector labels that a node must have
     * @param tolerations taints of nodes that are borne
     */
    public record Scheduling(
            Optional<String> queueName,
            Optional<String> priorityClassName,
            Map<String, String> nodeSelector,
            List<Toleration> tolerations) {
        public Scheduling {
            nodeSelector = Map.copyOf(nodeSelector);
            tolerations = List.copyOf(tolerations);
        }
    }

    /**
     * A taint that is borne, as a pod has it.
     *
     * @param key of the taint; empty bears every taint, with operator {@code Exists}
     * @param operator {@code Equal} or {@code Exists}
     * @param value of the taint, with operator {@code Equal}
     * @param effect {@code NoSchedule}, {@code PreferNoSchedule} or {@code NoExecute}; empty is every one
     * @param tolerationSeconds how long {@code NoExecute} is borne; empty is for ever
     */
    public record Toleration(
            Optional<String> key,
            String operator,
            Optional<String> value,
            Optional<String> effect,
            Optional<Long> tolerationSeconds) {}

    /**
     * What is kept.
     *
     * @param jobsTtlSeconds how long an ended Job is kept
     * @param onDelete what deleting the experiment does with its results
     */
    public record Retention(int jobsTtlSeconds, OnDelete onDelete) {}

    /** What deleting an experiment does with its results: they may be another's, so they stay. */
    public enum OnDelete {
        RETAIN
    }

    /**
     * What pods ask for.
     *
     * @param accelerator the extended resource of a GPU; empty runs everything on the CPU
     * @param image image of the stages; empty takes the operator's
     * @param stages by stage; each has one
     */
    public record Resources(Optional<String> accelerator, Optional<String> image, Map<Stage, Resource> stages) {
        public Resources {
            stages = Map.copyOf(stages);
        }

        /** What a pod of a stage asks for. */
        public Resource of(Stage stage) {
            return Objects.requireNonNull(stages.get(stage), stage.id());
        }
    }

    /**
     * What one pod asks for.
     *
     * @param gpus accelerators
     * @param cpu cores, and so the stage's threads
     * @param memory request and limit, as Kubernetes writes it ({@code 24Gi}); empty requests what the plan estimates
     * @param shm size of {@code /dev/shm}, likewise; empty takes the operator's
     */
    public record Resource(int gpus, int cpu, Optional<String> memory, Optional<String> shm) {}

    /**
     * Figures that raise a condition.
     *
     * @param dataWaitShare share of a step's time spent waiting for data above which the loader is the bottleneck
     */
    public record Gates(double dataWaitShare) {}

    /**
     * How pods reach the store.
     *
     * @param credentialsSecret Secret with the keys; empty takes the operator's default or the pod's identity
     * @param serviceAccountName account of the pods; empty is the namespace's default
     */
    public record Access(Optional<String> credentialsSecret, Optional<String> serviceAccountName) {}
}
