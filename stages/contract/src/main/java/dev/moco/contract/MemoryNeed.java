package dev.moco.contract;

/** Estimates the peak memory of a stage's process from its configuration. */
public final class MemoryNeed {
    private static final long MIB = 1L << 20;

    /** Virtual machine, libtorch, program and the objects of the loader. */
    private static final long PROCESS = 300 * MIB;

    /** Heap of a stage that decodes images, caches and copies. */
    private static final long LOADER = 400 * MIB;

    private static final int FLOAT = 4;

    /** Number of activations as large as the largest that an encoder holds at a time, besides its tape. */
    private static final int MAPS_AT_A_TIME = 5;

    /** Batches of decoded views between loader and step. */
    private static final int BATCHES_IN_FLIGHT = 3;

    /** Query, key, velocity, sum of the gradients, and two for the layouts in which convolutions need the weights. */
    private static final int COPIES_OF_PARAMETERS = 6;

    private static final long MAX_KEPT = 700 * MIB;

    private MemoryNeed() {}

    /** Adds the freed blocks that the allocator keeps, which are those below 64 MiB. */
    private static long kept(long bytes) {
        return bytes + Math.min(bytes / 3, MAX_KEPT);
    }

    /** Resident memory, MiB. */
    public static long mib(StageConfig config, int threads) {
        return ofSteps(config, threads) + LOADER / MIB;
    }

    /** Resident memory of a process without a loader, MiB. */
    static long ofSteps(StageConfig config, int threads) {
        long bytes = PROCESS + config.stepMemory(threads);
        return bytes / MIB;
    }

    /**
     * Fails unless a stage fits.
     *
     * @param name name of the task
     * @param availableMib memory that it will get, MiB
     */
    public static void check(String name, StageConfig config, int threads, long availableMib) {
        long need = mib(config, threads);
        if (need > availableMib) {
            throw StageFailure.badConfig(name + " needs about " + need + " MiB of memory, there are " + availableMib
                    + " MiB; " + config.memoryAdvice());
        }
    }

    static long pretrain(PretrainConfig config, int threads) {
        int side = config.imageSize();
        int features = config.architecture().features();
        long head = (long) features * config.dimension()
                + (config.head() == PretrainConfig.Head.MLP ? (long) features * features : 0);
        long queue = (long) config.contrast().queueSize() * config.dimension();
        long images = config.batchSize() / config.ranks();
        Activations activations = Activations.ofEncoder(config.architecture(), side, side, config.precision());
        long maps = (activations.tape() + MAPS_AT_A_TIME * activations.largest())
                * config.precision().bytes();
        // Logits, their exponentials and their gradients.
        long logits = 4L * config.contrast().queueSize() * FLOAT;
        int atOnce = StepThreads.of(config, threads).ranks();
        // Ranks that run beside others have a gradient of their own.
        long state = (COPIES_OF_PARAMETERS + (atOnce > 1 ? atOnce : 0))
                * (config.architecture().parameters() + head)
                * FLOAT;
        return state + queue * FLOAT + atOnce * kept(images * (maps + logits)) + views(2L * config.batchSize(), side);
    }

    static long linear(LinearConfig config) {
        int side = config.imageSize();
        Activations activations = Activations.ofEncoder(config.architecture(), side, side, config.precision());
        return config.architecture().parameters() * FLOAT
                + (long) config.batchSize()
                        * MAPS_AT_A_TIME
                        * activations.largest()
                        * config.precision().bytes()
                + views(config.batchSize(), side);
    }

    private static long views(long images, int side) {
        return BATCHES_IN_FLIGHT * images * 3 * side * side;
    }

    static long detect(DetectConfig config) {
        long images = config.solver().batchSize();
        int high = config.input().maxSize();
        int low = config.input().trainSizes().stream()
                .mapToInt(size -> size)
                .max()
                .orElse(high);
        Activations trunk = Activations.ofTrunk(config.architecture(), low, high);
        Activations region =
                Activations.ofRegion(config.architecture(), config.regions().poolerSize());
        long regions = images * config.regions().batchPerImage();
        // The RoI head is at its peak while the whole trunk's tape waits; gradients and aligned regions are the
        // largest.
        long numbers = kept(images * trunk.tape() + regions * region.tape()) + regions * region.largest();
        return COPIES_OF_PARAMETERS * config.architecture().parameters() * FLOAT
                + numbers * config.precision().bytes()
                + images * 3L * low * high * FLOAT;
    }
}
