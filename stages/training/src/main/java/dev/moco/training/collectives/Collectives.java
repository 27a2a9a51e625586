package dev.moco.training.collectives;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.List;

/**
 * Operations that all processes of a {@link World} call in the same order, with arrays of the same shapes. Sums are in the
 * order of the ranks, so that their bytes do not depend on the number of processes. For one thread of a process.
 *
 * <p>Every operation throws {@link PeerLostException} when another process has ended, and waits while another is slow.
 */
public interface Collectives extends AutoCloseable {
    /** Collectives of a process on its own. */
    Collectives ALONE = new Alone();

    World world();

    /**
     * Joins the rows of all processes, in the order of the processes. Its backward is {@link #reduceScatter}: the gradient of
     * the own rows is the sum of what all ranks have for them.
     *
     * @param own N x ... of any type
     * @return (size * N) x ..., in {@code scope}; {@code own} itself where there is one process
     */
    NDArray allGather(NDManager scope, NDArray own);

    /**
     * Sums arrays over all ranks, as {@code ((r0 + r1) + r2) + ...}.
     *
     * @param ofOwnRanks float32, one array for each rank of this process in order, or arrays that are the sums of its first
     *     ranks where this process has the first ranks of all; their contents may be lost
     * @param sum receives the sum in every process; may be one of the arrays
     */
    void sumInOrder(List<NDArray> ofOwnRanks, NDArray sum);

    /**
     * Sums arrays over all ranks in order, and returns the part of this process.
     *
     * @param ofOwnRanks float32, (size * N) x ... for each rank of this process in order
     * @return rows {@code index * N} to {@code (index + 1) * N} of the sum, in {@code scope}
     */
    NDArray reduceScatter(NDManager scope, List<NDArray> ofOwnRanks);

    /** Overwrites an array in all processes by that of one of them. */
    void broadcast(NDArray array, int root);

    /** Exchanges a few numbers, as many from each process; returns those of all, by process. */
    double[][] agree(double... mine);

    @Override
    void close();
}
