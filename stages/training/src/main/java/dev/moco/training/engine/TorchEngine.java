package dev.moco.training.engine;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;

/** The engine of this process; loading it takes about a second. */
public final class TorchEngine {
    private TorchEngine() {}

    /**
     * Loads libtorch and opens a manager for arrays that live until it is closed.
     *
     * @param threads threads within one operation; read at the first call of the process only. Sums depend on it, so
     *     it must be the same when a run is resumed.
     */
    public static NDManager start(int threads) {
        System.setProperty("ai.djl.offline", "true");
        System.setProperty("ai.djl.pytorch.num_threads", Integer.toString(threads));
        System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
        // Nothing leaves the machine: DJL would otherwise report its use.
        System.setProperty("OPT_OUT_TRACKING", "true");
        return Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
    }
}
