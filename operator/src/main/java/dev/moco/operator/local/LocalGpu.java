package dev.moco.operator.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The GPUs that stages of this machine compute on. */
final class LocalGpu {
    private static final int SECONDS = 20;

    private LocalGpu() {}

    /**
     * Memory of each GPU, MiB, as NVIDIA's own program states it; empty if there is none, or libtorch is not for CUDA.
     *
     * @param environment environment variables, which stages inherit
     */
    static List<Long> memoryMib(Map<String, String> environment) {
        if (!environment.getOrDefault("PYTORCH_FLAVOR", "").startsWith("cu")) {
            return List.of();
        }
        String visible = environment.get("CUDA_VISIBLE_DEVICES");
        long most = visible == null ? Long.MAX_VALUE : visible.split(",", -1).length;
        return ask().stream().limit(most).toList();
    }

    private static List<Long> ask() {
        try {
            Process process = new ProcessBuilder(
                            "nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return List.of();
            }
            return memories(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return List.of(); // the program is not installed, so there is no driver
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
    }

    /** The number in each line that has one. */
    static List<Long> memories(String output) {
        return output.lines()
                .map(String::strip)
                .filter(line -> line.matches("\\d{1,9}"))
                .map(Long::valueOf)
                .toList();
    }
}
