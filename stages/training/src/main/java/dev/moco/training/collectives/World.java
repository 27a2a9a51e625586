package dev.moco.training.collectives;

import dev.moco.contract.DeviceCounts;
import dev.moco.contract.StageFailure;

/**
 * The processes that compute one stage together, one for each device.
 *
 * @param index number of this process, from 0; those of a node follow each other
 * @param size number of processes
 * @param nodes number of nodes, each with as many processes
 */
public record World(int index, int size, int nodes) {
    /** A process on its own. */
    public static final World ALONE = new World(0, 1);

    /** Most processes of a stage. */
    public static final int MAX_SIZE = DeviceCounts.MOST;

    public World {
        if (size < 1 || size > MAX_SIZE || index < 0 || index >= size) {
            throw StageFailure.badConfig("a process must be one of 1 to " + MAX_SIZE + " devices, found index " + index
                    + " of " + size + " devices");
        }
        if (nodes < 1 || size % nodes != 0) {
            throw StageFailure.badConfig(
                    "each node must have as many devices, found " + size + " devices on " + nodes + " nodes");
        }
    }

    /** The processes of a stage that runs on one node. */
    public World(int index, int size) {
        this(index, size, 1);
    }

    /** Number of the processes on this node, which share its memory and cores. */
    public int here() {
        return size / nodes;
    }

    /** Number of this process among those of its node. */
    int indexHere() {
        return index % here();
    }

    /** Returns whether this process writes what all have computed: checkpoints, progress, results. */
    public boolean writes() {
        return index == 0;
    }

    /** Number of the ranks that this process computes. */
    public int ranks(int all) {
        DeviceCounts.require(all, size);
        return all / size;
    }

    /** First of the ranks that this process computes. */
    public int firstRank(int all) {
        return index * ranks(all);
    }

    /** Images of each rank; fails where they cannot be divided equally, so that none is left out. */
    public static long perRank(long images, int ranks) {
        if (images % ranks != 0) {
            throw new IllegalArgumentException(
                    "images must be a multiple of " + ranks + " ranks, found " + images + " images");
        }
        return images / ranks;
    }
}
