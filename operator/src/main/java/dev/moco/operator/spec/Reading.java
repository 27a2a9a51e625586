package dev.moco.operator.spec;

import dev.moco.contract.Experiment;
import dev.moco.operator.plan.Policy;

/**
 * A valid experiment and its policy, as read from a resource.
 *
 * @param experiment all that defines its results
 * @param policy all that may change while it runs
 */
public record Reading(Experiment experiment, Policy policy) {}
