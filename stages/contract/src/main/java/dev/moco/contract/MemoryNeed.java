package dev.moco.contract;

import java.util.OptionalLong;

/**
 * Estimate of a stage's peak memory, MiB. Without a GPU all of it is the host's.
 *
 * @param hostMib resident memory of all processes of the stage
 * @param deviceMib memory of each GPU; 0 without one
 */
public record MemoryNeed(long hostMib, long deviceMib) {
    private static final long MIB = 1L << 20;

    /** Virtual machine, libtorch, program and the objects of the loader. */
    private static final long PROCESS = 300 * MIB;

    /** Heap of a stage that decodes images, caches and copies. */
    private static final long LOADER = 370 * MIB;

    /** Images, views and buffers of one thread of the loader. */
    private static final long LOADER_THREAD = 16 * MIB;

    /** Memory of the process that CUDA, cuDNN and the kernels of libtorch take. */
    private static final long CUDA_HOST = 3 << 10;

    /** The process that starts one process for each device and waits for them. */
    private static final long LAUNCHER = 100 * MIB;

    /** Memory of the GPU that they take, for their context and the workspaces of convolutions. */
    private static final long CUDA_DEVICE = 1024;

    private static final int FLOAT = 4;

    /** Number of activations as large as the largest that an encoder holds at a time, besides its tape. */
    static final int MAPS_AT_A_TIME = 5;

    /** Batches of decoded views between loader and step. */
    static final int BATCHES_IN_FLIGHT = 3;

    /** Query, key, velocity, sum of the gradients, and two for the layouts in which convolutions need the weights. */
    private static final int COPIES_OF_PARAMETERS = 6;

    private static final long MAX_KEPT = 700 * MIB;

    /**
     * Circumstances of a stage that change the memory that it needs, but not its result.
     *
     * @param threads threads of the stage
     * @param gpu true if it computes on GPUs
     * @param devices processes that share the stage, each with a GPU if {@code gpu}
     * @param bankImages images in the bank of the kNN monitor; 0 without one
     * @param nodes nodes that have as many of the processes each; the estimate is of one
     */
    public record Setting(int threads, boolean gpu, int devices, long bankImages, int nodes) {
        /** A stage on one node. */
        public Setting(int threads, boolean gpu, int devices, long bankImages) {
            this(threads, gpu, devices, bankImages, 1);
        }

        /** Processes of one node. */
        int devicesHere() {
            return devices / nodes;
        }

        /** A stage without a monitor, in one process. */
        public static Setting of(int threads, boolean gpu) {
            return new Setting(threads, gpu, 1, 0);
        }
    }

    /** Adds the freed blocks that the allocator keeps, which are those below 64 MiB. */
    static long kept(long bytes) {
        return bytes + Math.min(bytes / 3, MAX_KEPT);
    }

    /** Estimates the need of a stage, of all its processes on one node. */
    public static MemoryNeed of(StageConfig config, Setting setting) {
        long steps = config.stepMemory(setting) / MIB;
        int devices = setting.devicesHere();
        long launcher = setting.devices() > 1 ? LAUNCHER : 0;
        long host = (launcher + devices * (PROCESS + LOADER) + setting.threads() * LOADER_THREAD) / MIB;
        return setting.gpu()
                ? new MemoryNeed(
                        host + devices * CUDA_HOST + config.batchMemory() / setting.nodes() / MIB, CUDA_DEVICE + steps)
                : new MemoryNeed(host + devices * steps, 0);
    }

    /** Resident memory of a process without a loader, on the CPU, MiB. */
    static long ofSteps(StageConfig config, int threads) {
        return (PROCESS + config.stepMemory(Setting.of(threads, false))) / MIB;
    }

    /**
     * Fails unless a stage fits.
     *
     * @param name name of the task
     * @param setting its threads and device
     * @param hostMib memory that its process will get, MiB
     * @param deviceMib memory of its GPU, MiB; empty without one, or if it is not known
     */
    public static void check(String name, StageConfig config, Setting setting, long hostMib, OptionalLong deviceMib) {
        MemoryNeed need = of(config, setting);
        if (need.hostMib > hostMib) {
            String advice =
                    setting.gpu() ? "less is needed with fewer threads, or a smaller batchSize" : config.memoryAdvice();
            throw StageFailure.badConfig(
                    name + " needs about " + need.hostMib + " MiB of memory, there are " + hostMib + " MiB; " + advice);
        }
        if (deviceMib.isPresent() && need.deviceMib > deviceMib.getAsLong()) {
            throw StageFailure.badConfig(name + " needs about " + need.deviceMib + " MiB of its GPU's memory, it has "
                    + deviceMib.getAsLong() + " MiB; " + config.memoryAdvice());
        }
    }

    static long linear(LinearConfig config, int devices) {
        return features(config.architecture(), config.imageSize(), config.precision(), config.batchSize() / devices);
    }

    /** Bytes of an encoder that computes the features of some images at a time. */
    static long features(Architecture architecture, int side, Precision precision, long images) {
        Activations activations = Activations.ofEncoder(architecture, side, side, precision);
        return architecture.parameters() * FLOAT
                + images * MAPS_AT_A_TIME * activations.largest() * precision.bytes()
                + views(images, side);
    }

    /** Bytes of the views of the batches between loader and step. */
    static long views(long images, int side) {
        return BATCHES_IN_FLIGHT * images * 3 * side * side;
    }

    static long detect(DetectConfig config, int devices) {
        long images = config.solver().batchSize() / devices;
        // All but the first process keep the gradients of each of their ranks until they are summed.
        int gradients = devices > 1 ? config.solver().ranks() / devices : 1;
        int high = config.input().maxSize();
        int low = config.input().largestTrainSize();
        Activations trunk = Activations.ofTrunk(config.architecture(), low, high);
        Activations region =
                Activations.ofRegion(config.architecture(), config.regions().poolerSize());
        long regions = images * config.regions().batchPerImage();
        // The RoI head is at its peak while the whole trunk's tape waits; gradients and aligned regions are the
        // largest.
        long numbers = kept(images * trunk.tape() + regions * region.tape()) + regions * region.largest();
        return (COPIES_OF_PARAMETERS - 1 + gradients) * config.architecture().parameters() * FLOAT
                + numbers * config.precision().bytes()
                + images * 3L * low * high * FLOAT;
    }
}
