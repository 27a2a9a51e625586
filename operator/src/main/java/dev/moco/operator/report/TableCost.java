package dev.moco.operator.report;

import dev.moco.contract.PretrainConfig;
import org.jspecify.annotations.Nullable;

/**
 * Cost of a pre-training on GPUs, as the paper's Table 3 has it.
 *
 * @param config the pre-training
 * @param gib GiB that live tensors take at most, of the GPU that has most; null if unknown
 * @param bound true if the GiB are all that was in use, of which live tensors took a part
 * @param hours hours of 200 epochs
 * @param projected true if the hours are projected from a part of the steps
 * @param conditions devices, precision and batch
 */
public record TableCost(
        PretrainConfig config,
        @Nullable Double gib,
        boolean bound,
        double hours,
        boolean projected,
        String conditions) {}
