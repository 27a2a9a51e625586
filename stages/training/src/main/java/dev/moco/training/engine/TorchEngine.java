package dev.moco.training.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import dev.moco.contract.StageFailure;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The engine of this process; loading it takes about a second. */
public final class TorchEngine {
    private static final Logger LOG = LoggerFactory.getLogger(TorchEngine.class);

    private static volatile int accelerators;

    private TorchEngine() {}

    /** Begins to load libtorch while others work; {@link #start} waits for it, and meets again what went wrong here. */
    public static void preload() {
        configure();
        Thread thread = new Thread(
                () -> {
                    try {
                        LibUtils.loadLibrary();
                    } catch (RuntimeException | LinkageError e) {
                        LOG.debug("libtorch does not load", e);
                    }
                },
                "libtorch");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Loads libtorch and opens a manager for arrays that live until it is closed, on the first GPU if there is one.
     *
     * @param threads threads within one operation; read at the first call of the process only. Sums depend on it, so
     *     it must be the same when a run is resumed.
     */
    public static NDManager start(int threads) {
        Engine engine = load(threads);
        accelerators = Math.min(1, engine.getGpuCount());
        return engine.newBaseManager();
    }

    /**
     * As {@link #start(int)}, on a device of choice.
     *
     * @throws StageFailure bad configuration, if the engine does not see it
     */
    public static NDManager start(int threads, Device device) {
        Engine engine = load(threads);
        if (device.isGpu() && engine.getGpuCount() == 0) {
            throw StageFailure.badConfig(
                    "the engine sees no GPU; it needs libtorch for CUDA: set PYTORCH_LIBRARY_PATH to its"
                            + " folder, PYTORCH_VERSION and PYTORCH_FLAVOR (such as 2.7.1 and cu128)");
        }
        accelerators = device.isGpu() ? 1 : 0;
        return engine.newBaseManager(device);
    }

    /** Accelerators that this process computes on since its start: one, which all ranks share, or none. */
    public static int accelerators() {
        return accelerators;
    }

    /**
     * Lets another thread than that which started the engine compute as it does: without gradients, with as many threads
     * within an operation. Both are a thread's own in libtorch.
     */
    public static void enter() {
        JniUtils.setGradMode(false);
        JniUtils.setNumThreads(JniUtils.getNumThreads());
    }

    private static Engine load(int threads) {
        configure();
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        return Engine.getEngine("PyTorch");
    }

    /** Nothing leaves the machine: DJL would otherwise fetch what is missing, and report its use. */
    private static void configure() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    /** Runs work, and writes how long each operation of this thread took as a Chrome trace, in JSON. */
    public static void trace(Path file, Runnable work) {
        JniUtils.startProfile(false, false, false);
        try {
            work.run();
        } finally {
            JniUtils.stopProfile(file.toString());
        }
    }
}
