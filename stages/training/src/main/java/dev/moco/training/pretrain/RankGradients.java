package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.TorchProgram;
import java.util.ArrayList;
import java.util.List;

/**
 * The gradients of a process's ranks, one rank after another, and their sum with those of the other processes in the order of
 * the ranks. The first process adds its ranks up as they come; the others keep a buffer for each.
 */
final class RankGradients {
    private final TorchProgram program;
    private final NDManager scope;
    private final Collectives collectives;
    private final NDArray total;
    private final boolean first;
    private final List<NDArray> ofRanks = new ArrayList<>();
    private NDArray current;

    /**
     * Begins with the first rank of the process.
     *
     * @param program has the functions of {@code reduction.py}
     * @param total flat buffer that receives the sum
     */
    RankGradients(TorchProgram program, NDManager scope, Collectives collectives, NDArray total) {
        this.program = program;
        this.scope = scope;
        this.collectives = collectives;
        this.total = total;
        this.first = collectives.world().index() == 0;
        this.current = zeros();
        program.call(scope, "clear_gradient", total);
    }

    /** A buffer like those of the ranks. */
    NDArray zeros() {
        NDArray zeros = total.zerosLike();
        zeros.attach(scope);
        return zeros;
    }

    /** The buffer of the rank whose turn it is. */
    NDArray ofRank() {
        return current;
    }

    /** Adds a part of the rank's gradient, and frees it. */
    void add(NDArray part) {
        program.call(scope, "add_gradient", current, part);
        part.close();
    }

    /** Ends the rank; the next one's turn begins. */
    void endRank() {
        if (first) {
            program.call(scope, "add_gradient", total, current);
            program.call(scope, "clear_gradient", current);
        } else {
            ofRanks.add(current);
            current = zeros();
        }
    }

    /** Writes the sum over all ranks of all processes to the total, and frees the buffers. */
    void sum() {
        current.close();
        collectives.sumInOrder(first ? List.of(total) : ofRanks, total);
        ofRanks.forEach(NDArray::close);
    }
}
