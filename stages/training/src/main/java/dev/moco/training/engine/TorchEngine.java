package dev.moco.training.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.engine.StandardCapabilities;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.pytorch.jni.LibUtils;
import dev.moco.contract.Precision;
import dev.moco.contract.StageFailure;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the engine of this process, which takes about a second. */
public final class TorchEngine {
    private static final Logger LOG = LoggerFactory.getLogger(TorchEngine.class);

    private static volatile int accelerators;

    private TorchEngine() {}

    /** Starts to load libtorch on another thread; {@link #start} waits for it and reports any failure. */
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
     * @param precision arithmetic of this process; a GPU rounds to TF32 only where it says so
     */
    public static NDManager start(int threads, Precision precision) {
        Engine engine = load(threads);
        return open(engine, seesGpu(engine) ? Device.gpu() : Device.cpu(), precision);
    }

    /** Does the same in float32. */
    public static NDManager start(int threads) {
        return start(threads, Precision.FLOAT32);
    }

    /**
     * Does the same on a given device.
     *
     * @throws StageFailure bad configuration, if the engine does not see it
     */
    public static NDManager start(int threads, Device device, Precision precision) {
        Engine engine = load(threads);
        if (device.isGpu() && !seesGpu(engine)) {
            throw StageFailure.badConfig(
                    "the engine sees no GPU; it needs libtorch for CUDA: set PYTORCH_LIBRARY_PATH to its"
                            + " folder, PYTORCH_VERSION and PYTORCH_FLAVOR (such as 2.7.1 and cu128)");
        }
        return open(engine, device, precision);
    }

    /** Does the same in float32 on a given device. */
    public static NDManager start(int threads, Device device) {
        return start(threads, device, Precision.FLOAT32);
    }

    private static NDManager open(Engine engine, Device device, Precision precision) {
        if (device.isGpu()) {
            TensorFloat32.allow(precision == Precision.TF32, System.getenv());
        } else if (precision == Precision.TF32) {
            LOG.warn("TF32 is a mode of GPUs: this CPU computes in float32");
        }
        accelerators = device.isGpu() ? 1 : 0;
        return engine.newBaseManager(device);
    }

    /** Asks libtorch, since DJL's count needs a libcudart.so of the system, which Python's packages do not have. */
    private static boolean seesGpu(Engine engine) {
        return engine.hasCapability(StandardCapabilities.CUDA);
    }

    /** Chooses the algorithms of the GPU that this process has opened; a CPU adds in the same order by any. */
    public static void choose(Algorithms algorithms) {
        if (accelerators > 0) {
            algorithms.set(System.getenv());
        }
    }

    /** Returns the number of accelerators that this process computes on: one, which all ranks share, or none. */
    public static int accelerators() {
        return accelerators;
    }

    /**
     * Prepares a thread other than the one that started the engine: no gradients, and the same number of threads within an
     * operation. libtorch keeps both settings for each thread.
     */
    public static void enter() {
        JniUtils.setGradMode(false);
        JniUtils.setNumThreads(JniUtils.getNumThreads());
    }

    private static Engine load(int threads) {
        configure();
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        try {
            return Engine.getEngine("PyTorch");
        } catch (EngineException e) {
            throw failure(e, System.getenv());
        }
    }

    /** The reason that libtorch does not load: bad configuration where the environment names another one. */
    static RuntimeException failure(EngineException error, Map<String, String> environment) {
        Optional<String> unlinked = unlinked(error);
        if (unlinked.isPresent()) {
            return StageFailure.badConfig(
                    "libtorch does not load: " + unlinked.get() + "; PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and"
                            + " PYTORCH_FLAVOR say which, and libtorch for CUDA needs NVIDIA's driver",
                    error);
        }
        String version = environment.get("PYTORCH_VERSION");
        if (version != null && !environment.containsKey("PYTORCH_LIBRARY_PATH")) {
            return StageFailure.badConfig(
                    "libtorch does not load: PYTORCH_VERSION is " + version + ", and PYTORCH_LIBRARY_PATH does not name"
                            + " the folder of that release; unset PYTORCH_VERSION to load the bundled one",
                    error);
        }
        return error;
    }

    /** Message of the system's linker, if it caused the failure. */
    private static Optional<String> unlinked(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .filter(UnsatisfiedLinkError.class::isInstance)
                .map(Throwable::getMessage)
                .findFirst();
    }

    /** Keeps DJL from downloading missing files and from reporting its use. */
    private static void configure() {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("OPT_OUT_TRACKING", "true");
    }

    /** Runs work and writes the times of all operations of this thread as a Chrome trace in JSON. */
    public static void trace(Path file, Runnable work) {
        JniUtils.startProfile(false, false, false);
        try {
            work.run();
        } finally {
            JniUtils.stopProfile(file.toString());
        }
    }
}
