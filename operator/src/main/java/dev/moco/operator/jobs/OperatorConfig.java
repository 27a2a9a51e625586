package dev.moco.operator.jobs;

import java.util.Optional;

/**
 * Options of the operator that every Job depends on.
 *
 * @param stageImage image of the stages, unless an experiment names its own
 * @param dataRoot folder that holds relative folders of raw data, in the operator and in pods
 * @param dataClaim claim of the experiment's namespace that is mounted there, read-only, where raw data is prepared;
 *     without one the image has the data
 * @param stores stores that experiments may use
 */
public record OperatorConfig(
        String stageImage, Optional<String> dataRoot, Optional<String> dataClaim, StoreRules stores) {}
