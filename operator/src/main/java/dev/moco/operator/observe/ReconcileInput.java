package dev.moco.operator.observe;

import dev.moco.contract.Experiment;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.Owner;
import dev.moco.operator.plan.Policy;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Input of a reconcile decision.
 *
 * @param owner the experiment's resource
 * @param experiment experiment of its spec
 * @param policy policy of its spec
 * @param config configuration of the operator
 * @param jobs Jobs and pods, as informers have them
 * @param store newest snapshot of the store
 * @param previous last written status; null on a new resource
 * @param now time
 */
public record ReconcileInput(
        Owner owner,
        Experiment experiment,
        Policy policy,
        OperatorConfig config,
        JobCache jobs,
        StoreSnapshot store,
        @Nullable MoCoExperimentStatus previous,
        Instant now) {
    /** This input after a status has been written. */
    public ReconcileInput withPrevious(MoCoExperimentStatus written) {
        return new ReconcileInput(owner, experiment, policy, config, jobs, store, written, now);
    }
}
