package dev.moco.training.engine;

import ai.djl.pytorch.jni.JniUtils;
import com.sun.jna.NativeLibrary;
import dev.moco.contract.StageFailure;
import java.util.List;
import java.util.Map;

/** Choice of a GPU's algorithms for the whole process. */
public enum Algorithms {
    /** cuDNN chooses by the shapes, and may take algorithms whose sums differ from run to run. */
    PREDICTED,
    /**
     * {@code cudnn.benchmark}, as the original code of MoCo has it: cuDNN times its algorithms at the first convolution of
     * each shape, and may choose others in another run. It pays where shapes recur.
     */
    TIMED,
    /** Only those that add in the same order at every run on the same kind of GPU; an operation without one fails. */
    DETERMINISTIC;

    /** Variable that cuBLAS reads when it is first used. */
    static final String WORKSPACES = "CUBLAS_WORKSPACE_CONFIG";

    /** Values with which cuBLAS adds in the same order; the first is the faster one. */
    private static final List<String> FIXED_WORKSPACES = List.of(":4096:8", ":16:8");

    private static final String IN_LIBTORCH = "_ZN2at7Context26setDeterministicAlgorithmsEbb";
    private static final String IN_CUDNN = "_ZN2at7Context21setDeterministicCuDNNEb";
    private static final String FILL = "_ZN2at7Context39setDeterministicFillUninitializedMemoryEb";

    /**
     * The choice of a run.
     *
     * @param deterministic whether the run was asked to repeat bit for bit
     * @param otherwise choice of a run that was not
     */
    public static Algorithms of(boolean deterministic, Algorithms otherwise) {
        return deterministic ? DETERMINISTIC : otherwise;
    }

    /**
     * Sets it, once libtorch is loaded and before anything is computed.
     *
     * @param environment environment variables of this process
     * @throws StageFailure bad configuration, if a variable excludes it
     */
    void set(Map<String, String> environment) {
        boolean deterministic = this == DETERMINISTIC;
        String workspaces = environment.get(WORKSPACES);
        if (deterministic && workspaces != null && !FIXED_WORKSPACES.contains(workspaces)) {
            throw StageFailure.badConfig(WORKSPACES + " is " + workspaces + ", and deterministic needs one of "
                    + String.join(", ", FIXED_WORKSPACES) + "; unset it");
        }
        JniUtils.setBenchmarkCuDNN(this == TIMED);
        LibtorchContext.set(IN_CUDNN, deterministic);
        // The second argument would only warn of an operation without a deterministic algorithm.
        LibtorchContext.set(IN_LIBTORCH, deterministic, false);
        if (deterministic) {
            // libtorch would fill each new array, which no program reads before it has written it.
            LibtorchContext.set(FILL, false);
            setVariable(WORKSPACES, workspaces == null ? FIXED_WORKSPACES.get(0) : workspaces);
        }
    }

    /** Sets a variable of the process itself, which Java cannot. */
    private static void setVariable(String name, String value) {
        NativeLibrary.getInstance("c").getFunction("setenv").invokeInt(new Object[] {name, value, 1});
    }
}
