package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.training.data.device.BatchViews;
import java.util.Arrays;

/**
 * Images of a step.
 *
 * @param views of the images of this process's ranks
 * @param labels their classes
 * @param step number of the step, from 0
 */
@SuppressWarnings("ArrayRecordComponent") // read once
public record TrainingBatch(BatchViews.Pair views, int[] labels, long step) {
    /** The labels as an array, N int64. */
    public NDArray labels(NDManager scope) {
        return scope.create(Arrays.stream(labels).asLongStream().toArray());
    }
}
