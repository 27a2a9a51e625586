package dev.moco.training.engine;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The mode of this process in which GPUs round the factors of float32 products to TF32, in cuDNN and in cuBLAS. libtorch has
 * no operator for it, so its C++ functions are called by the names that its compiler gave them.
 */
final class TensorFloat32 {
    /** Variable of NVIDIA's libraries that is stronger than what a program asks for. */
    static final String OVERRIDE = "NVIDIA_TF32_OVERRIDE";

    private static final String LIBRARY = "/libtorch_cpu.so";
    private static final String CONTEXT = "_ZN2at13globalContextEv";
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
        set(IN_CUDNN, allowed);
        set(IN_CUBLAS, allowed);
    }

    private static void set(String function, boolean allowed) {
        // A bool of C++ must be 0 or 1; JNA's true is -1.
        function(function).invokeVoid(new Object[] {context(), allowed ? 1 : 0});
    }

    static Pointer context() {
        return function(CONTEXT).invokePointer(new Object[0]);
    }

    static Function function(String name) {
        try {
            return NativeLibrary.getInstance(loaded()).getFunction(name);
        } catch (UnsatisfiedLinkError e) {
            throw StageFailure.badConfig(
                    "this libtorch has no function " + name + ", which sets or clears TF32; 2.7.1 has it", e);
        } catch (IOException e) {
            throw StageFailure.fault("cannot find libtorch in this process: " + e.getMessage(), e);
        }
    }

    /** The file that this process has loaded; opening it again gives the same library. */
    private static String loaded() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/maps")).stream()
                .filter(line -> line.endsWith(LIBRARY))
                .map(line -> line.substring(line.indexOf('/')))
                .findFirst()
                .orElseThrow(() -> new IOException("no " + LIBRARY.substring(1) + " in /proc/self/maps"));
    }
}
