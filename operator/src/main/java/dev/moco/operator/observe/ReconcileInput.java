package dev.moco.operator.observe;

import dev.moco.contract.Experiment;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.Owner;
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
public record ReconcileInput(
        Owner owner,
        Experiment experiment,
        Policy policy,
        OperatorConfig config,
        JobCache cluster,
        StoreSnapshot store,
        @Nullable MoCoExperimentStatus previous,
        Instant now) {
    /** The same, once another status is written. */
    public ReconcileInput after(MoCoExperimentStatus written) {
        return new ReconcileInput(owner, experiment, policy, config, cluster, store, written, now);
    }
}
