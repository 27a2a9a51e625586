package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.EngineException;
import dev.moco.contract.StageFailure;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EngineErrorsTest {
    private static final String TRACE = """
            The following operation failed in the TorchScript interpreter.
            Traceback of TorchScript, serialized code (most recent call last):
              File "code/__torch__.py", line 12, in convolution_forward
            RuntimeError:\s""";
    private static final String ADVICE = """

            CUDA kernel errors might be asynchronously reported at some other API call, so the stacktrace below might be wrong.
            For debugging consider passing CUDA_LAUNCH_BLOCKING=1
            Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.
            """;

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB of which 1.02 GiB is free. Including non-PyTorch memory, this process has 78 GiB in use. | 1 | the GPU's memory is exhausted: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.11 GiB of which 1.02 GiB is free; another program may use it; else the stage needs a GPU with more, or more GPUs
        CUDA error: out of memory | 1 | the GPU's memory is exhausted: CUDA error: out of memory; another
        CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)` | 1 | the GPU's memory is exhausted: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`; another
        CUDA error: unspecified launch failure | 1 | the GPU failed: CUDA error: unspecified launch failure; nvidia-smi and the kernel's log (Xid) say more; another attempt goes on from the last checkpoint
        CUDA error: uncorrectable ECC error encountered | 1 | the GPU failed: CUDA error: uncorrectable ECC error encountered; nvidia-smi
        CUDA error: an illegal memory access was encountered | 1 | the GPU failed: CUDA error: an illegal memory access was encountered; nvidia-smi
        CUDA error: unknown error | 1 | the GPU failed: CUDA error: unknown error; nvidia-smi
        CUDA error: all CUDA-capable devices are busy or unavailable | 1 | the GPU failed: CUDA error: all CUDA-capable devices are busy or unavailable; nvidia-smi
        CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm( handle, opa, opb)` | 1 | the GPU failed: CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm( handle, opa, opb)`; nvidia-smi
        cuDNN error: CUDNN_STATUS_EXECUTION_FAILED | 1 | the GPU failed: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED; nvidia-smi
        CUDA driver initialization failed, you might not have a CUDA gpu. | 1 | the GPU failed: CUDA driver initialization failed, you might not have a CUDA gpu; nvidia-smi
        CUDA error: no kernel image is available for execution on the device | 78 | libtorch has no code for this GPU: CUDA error: no kernel image is available for execution on the device; take
        The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver by downloading | 78 | NVIDIA's driver is too old for this libtorch: The NVIDIA driver on your system is too old (found version 11040); update it
        cumsum_cuda_kernel does not have a deterministic implementation, but you set 'torch.use_deterministic_algorithms(True)'. You can turn off determinism | 78 | an operation cannot repeat bit for bit on a GPU: cumsum_cuda_kernel does not have a deterministic implementation; run without deterministic
        """)
    void whatLibtorchSaysOfTheGpuIsOneLineWithAnExitCode(String said, int exitCode, String told) {
        // As it is thrown: within a call, by a thread of the ranks, while the engine starts.
        for (Throwable thrown : new Throwable[] {
            new EngineException(said),
            new EngineException(TRACE + said + ADVICE),
            new IllegalStateException(new EngineException(TRACE + said)),
            new CompletionException(new EngineException(said + ADVICE))
        }) {
            StageFailure known = EngineErrors.known(thrown).orElseThrow();
            assertThat(known.exitCode()).isEqualTo(exitCode);
            assertThat(known.getMessage()).startsWith(told).doesNotContain("\n");
        }
    }

    @Test
    void otherErrorsStayWhatTheyAre() {
        assertThat(EngineErrors.known(
                        new EngineException(TRACE + "The size of tensor a (3) must match the size of b (4)")))
                .isEmpty();
        assertThat(EngineErrors.known(new IllegalStateException((String) null))).isEmpty();
        assertThat(EngineErrors.known(new OutOfMemoryError("Java heap space"))).isEmpty();
    }
}
