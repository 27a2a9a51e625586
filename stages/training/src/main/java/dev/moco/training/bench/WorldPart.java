package dev.moco.training.bench;

/** Parts of {@code moco bench world}, in the order in which they are measured, named as on the command line. */
enum WorldPart {
    /** Sums and gathers over all devices. */
    COLLECTIVES,
    /** Steps of pre-training on images in memory. */
    STEPS,
    /** The same on images that the loader reads from files. */
    FILES,
    /** Iterations of detection: a trial of its own on each device. */
    TRIALS;

    /** Returns whether the part has something to measure on a number of devices. */
    boolean takes(int devices) {
        return this != COLLECTIVES || devices > 1;
    }
}
