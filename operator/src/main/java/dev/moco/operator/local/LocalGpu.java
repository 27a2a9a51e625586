package dev.moco.operator.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/** The GPU that stages of this machine compute on. */
final class LocalGpu {
    private static final int SECONDS = 20;

    private LocalGpu() {}

    /**
     * Memory of the first GPU, MiB, as NVIDIA's own program states it; empty if there is none, or libtorch is not for CUDA.
     *
     * @param environment environment variables, which stages inherit
     */
    static OptionalLong memoryMib(Map<String, String> environment) {
        return environment.getOrDefault("PYTORCH_FLAVOR", "").startsWith("cu") ? ask() : OptionalLong.empty();
    }

    private static OptionalLong ask() {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return OptionalLong.empty();
            }
            return first(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return OptionalLong.empty(); // the program is not installed, so there is no driver
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalLong.empty();
        }
    }

    /** The number in the first line; empty if it has none. */
    static OptionalLong first(String output) {
        return output.lines()
                .map(String::strip)
                .filter(line -> line.matches("\\d{1,9}"))
                .mapToLong(Long::parseLong)
                .findFirst();
    }
}
