package dev.moco.training.engine;

import dev.moco.contract.StageFailure;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Errors of a GPU and of NVIDIA's libraries in words, which libtorch throws with traces of its own code. */
public final class EngineErrors {
    /** An error that libtorch writes with these words; they and the rest of their line are shown. */
    private enum GpuError {
        NO_MEMORY(
                "(CUDA out of memory\\.|CUDA error: out of memory|CUDA error: CUBLAS_STATUS_ALLOC_FAILED"
                        + "|cuDNN error: CUDNN_STATUS_ALLOC_FAILED)",
                "the GPU's memory is exhausted",
                "another program may use it; else the stage needs a GPU with more, or more GPUs",
                false),
        OTHER_GPU(
                "CUDA error: no kernel image is available",
                "libtorch has no code for this GPU",
                "take the build of libtorch that supports it",
                true),
        OLD_DRIVER(
                "(The NVIDIA driver on your system is too old|CUDA error: CUDA driver version is insufficient)",
                "NVIDIA's driver is too old for this libtorch",
                "update it, or take libtorch for an older CUDA",
                true),
        NOT_DETERMINISTIC(
                "\\w+ does not have a deterministic implementation",
                "an operation cannot repeat bit for bit on a GPU",
                "run without deterministic",
                true),
        LOST(
                "(CUDA error:|CUDA driver error:|CUDA driver initialization failed|cuDNN error:)",
                "the GPU failed",
                "nvidia-smi and the kernel's log (Xid) say more; another attempt goes on from the last checkpoint",
                false);

        final Pattern pattern;
        final String cause;
        final String advice;
        /** True if another attempt would fail in the same way. */
        final boolean stays;

        GpuError(String words, String cause, String advice, boolean stays) {
            this.pattern = Pattern.compile("(?:^|[^\\w])(?<line>" + words + "[^\\n]*)");
            this.cause = cause;
            this.advice = advice;
            this.stays = stays;
        }
    }

    private EngineErrors() {}

    /**
     * The failure that an exception stands for, if it or a cause of it is such an error: bad configuration, or a fault that a
     * retry may fix, such as a lost device.
     */
    public static Optional<StageFailure> known(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .map(Throwable::getMessage)
                .filter(Objects::nonNull)
                .flatMap(message -> of(message).stream())
                .findFirst();
    }

    /** The same of a message. */
    static Optional<StageFailure> of(String message) {
        for (GpuError error : GpuError.values()) {
            Matcher found = error.pattern.matcher(message);
            if (found.find()) {
                String text = error.cause + ": " + shortened(found.group("line")) + "; " + error.advice;
                return Optional.of(error.stays ? StageFailure.badConfig(text) : StageFailure.fault(text));
            }
        }
        return Optional.empty();
    }

    /** The first sentences, without libtorch's advice to its programmers. */
    private static String shortened(String line) {
        int advice = Stream.of(
                        " Including non-PyTorch memory",
                        " CUDA kernel errors might be",
                        ", but you set 'torch.use_deterministic_algorithms",
                        " Please update your GPU driver")
                .mapToInt(line::indexOf)
                .filter(at -> at >= 0)
                .min()
                .orElse(line.length());
        return line.substring(0, advice).strip().replaceFirst("[.;]$", "");
    }
}
