package dev.moco.training.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/**
 * Exchange between the processes of a step. Each process has one equal part of the batch, in order of its number; every process
 * must make the same calls in the same order.
 */
public interface RankExchange {
    /** A single process, which has the whole batch. */
    RankExchange ALONE = new RankExchange() {
        @Override
        public int processes() {
            return 1;
        }

        @Override
        public int process() {
            return 0;
        }

        @Override
        public NDArray gather(NDManager scope, NDArray own) {
            return own;
        }

        @Override
        public NDArray scatterSum(NDManager scope, NDArray all) {
            return all;
        }

        @Override
        public void sum(NDArray array) {}
    };

    int processes();

    /** Number of this process, from 0. */
    int process();

    /** Rows of all processes (B x ...) from the rows of each (B / processes x ...). */
    NDArray gather(NDManager scope, NDArray own);

    /** Backward pass of {@link #gather}: this process's rows of the sum over all processes. */
    NDArray scatterSum(NDManager scope, NDArray all);

    /** Writes the sum over all processes to an array's own memory, of which there may be views. */
    void sum(NDArray array);
}
