package dev.moco.operator.spec;

import dev.moco.contract.Experiment;
import dev.moco.operator.plan.Policy;

/**
 * What a resource says, once read.
 *
 * @param experiment what is to be found out
 * @param policy how it is run
 */
public record Reading(Experiment experiment, Policy policy) {}
