package dev.moco.training.engine;

import dev.moco.contract.StageFailure;
import java.util.Map;

/** The mode of this process in which GPUs round the factors of float32 products to TF32, in cuDNN and in cuBLAS. */
final class TensorFloat32 {
    /** Variable of NVIDIA's libraries that is stronger than what a program asks for. */
    static final String OVERRIDE = "NVIDIA_TF32_OVERRIDE";

    private static final String IN_CUDNN = "_ZN2at7Context17setAllowTF32CuDNNEb";
    private static final String IN_CUBLAS = "_ZN2at7Context18setAllowTF32CuBLASEb";

    private TensorFloat32() {}

    /**
     * Allows it or not, once libtorch is loaded.
     *
     * @param environment environment variables of this process
     * @throws StageFailure bad configuration, if a variable says the opposite, or this libtorch has no such functions
     */
    static void allow(boolean allowed, Map<String, String> environment) {
        String override = environment.get(OVERRIDE);
        if (override != null && !override.equals(allowed ? "1" : "0")) {
            throw StageFailure.badConfig(OVERRIDE + " is " + override + ", and the precision "
                    + (allowed ? "needs" : "excludes") + " TF32; unset it");
        }
        LibtorchContext.set(IN_CUDNN, allowed);
        LibtorchContext.set(IN_CUBLAS, allowed);
    }
}
