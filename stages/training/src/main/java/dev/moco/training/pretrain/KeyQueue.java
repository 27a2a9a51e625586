package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.StageFailure;
import dev.moco.training.engine.TorchProgram;

/** The negative keys: a ring of columns, of which each step overwrites the oldest (docs/method.md §1.2). */
final class KeyQueue {
    private final NDArray keys;
    private int pointer;

    /**
     * Continues a queue.
     *
     * @param keys dimension x queue size
     * @param pointer first column that is written next
     */
    KeyQueue(NDArray keys, int pointer) {
        this.keys = keys;
        this.pointer = pointer;
    }

    /** Fails unless whole batches fill the queue: a batch is never split over its end. */
    static void check(int queueSize, int batchSize) {
        if (queueSize % batchSize != 0) {
            throw StageFailure.badConfig("pretrain.queueSize must be a multiple of pretrain.batchSize, found "
                    + queueSize + " with a batch of " + batchSize);
        }
    }

    NDArray keys() {
        return keys;
    }

    int pointer() {
        return pointer;
    }

    /** Writes a batch of keys (batch x dimension) over the oldest. */
    void enqueue(TorchProgram program, NDManager scope, NDArray batch) {
        int size = (int) keys.getShape().get(1);
        int count = (int) batch.getShape().get(0);
        check(size, count);
        program.call(scope, "enqueue", keys, batch, pointer);
        pointer = (pointer + count) % size;
    }
}
