package dev.moco.operator.client;

import dev.moco.contract.Experiment;
import dev.moco.operator.plan.Decision;

/**
 * An experiment with its results in a store.
 *
 * @param view the resource with its status
 * @param experiment what it says
 * @param decision state of every task
 */
public record StoredExperiment(ExperimentView view, Experiment experiment, Decision decision) {
    public String name() {
        return view.name();
    }
}
