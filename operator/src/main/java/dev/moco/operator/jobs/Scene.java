package dev.moco.operator.jobs;

import dev.moco.contract.Experiment;
import dev.moco.operator.crd.MoCoExperimentStatus;
import dev.moco.operator.plan.Policy;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a turn is decided on.
 *
 * @param owner the resource
 * @param experiment what it asks for
 * @param policy how it is to be run
 * @param config what the operator was started with
 * @param cluster Jobs and pods, as informers have them
 * @param store what is known of the store
 * @param previous status as it was written last; null on a new resource
 * @param now time
 */
public record Scene(
        Owner owner,
        Experiment experiment,
        Policy policy,
        OperatorConfig config,
        Cluster cluster,
        StoreView store,
        @Nullable MoCoExperimentStatus previous,
        Instant now) {
    /** The same, once another status is written. */
    public Scene after(MoCoExperimentStatus written) {
        return new Scene(owner, experiment, policy, config, cluster, store, written, now);
    }
}
