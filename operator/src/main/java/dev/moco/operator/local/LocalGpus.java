package dev.moco.operator.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The GPUs of this machine that the environment leaves visible, as NVIDIA's own program lists them.
 *
 * @param names values of {@code CUDA_VISIBLE_DEVICES}, one for each
 * @param memoryMib memory of the smallest, MiB; 0 without any
 * @param engineUsesThem true if libtorch is for CUDA
 */
record LocalGpus(List<String> names, long memoryMib, boolean engineUsesThem) {
    static final String VISIBLE = "CUDA_VISIBLE_DEVICES";
    private static final int SECONDS = 20;

    LocalGpus {
        names = List.copyOf(names);
    }

    /** @param environment environment variables, which stages inherit */
    static LocalGpus of(Map<String, String> environment) {
        return of(environment, ask(environment.get(VISIBLE)));
    }

    /** @param output what the program wrote: the memory of each GPU in a line, MiB */
    static LocalGpus of(Map<String, String> environment, String output) {
        List<Long> memory = output.lines()
                .map(String::strip)
                .filter(line -> line.matches("\\d{1,9}"))
                .map(Long::valueOf)
                .toList();
        String visible = environment.get(VISIBLE);
        List<String> names = visible == null
                ? IntStream.range(0, memory.size()).mapToObj(Integer::toString).toList()
                : Stream.of(visible.strip().split("\\s*,\\s*"))
                        .limit(memory.size())
                        .toList();
        return new LocalGpus(
                names,
                memory.stream().mapToLong(mib -> mib).min().orElse(0),
                environment.getOrDefault("PYTORCH_FLAVOR", "").startsWith("cu"));
    }

    /** Number of GPUs that stages compute on. */
    int used() {
        return engineUsesThem ? names.size() : 0;
    }

    /** Description for a person who starts a run, in one line. */
    String described() {
        if (names.isEmpty()) {
            return engineUsesThem
                    ? "the CPU; libtorch is for CUDA, but nvidia-smi lists no GPU" + visible()
                    : "the CPU";
        }
        String gpus = names.size() + (names.size() == 1 ? " GPU" : " GPUs");
        return engineUsesThem
                ? gpus + " of " + (memoryMib >> 10) + " GiB"
                : "the CPU, though there " + (names.size() == 1 ? "is " : "are ") + gpus
                        + ": the engine is for the CPU. docs/commands.md, \"GPUs\", has the three variables of one for CUDA";
    }

    private static String visible() {
        return " that " + VISIBLE + " and its driver show";
    }

    private static String ask(@Nullable String visible) {
        List<String> command =
                new ArrayList<>(List.of("nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits"));
        if (visible != null) {
            if (visible.isBlank()) {
                return "";
            }
            command.add("--id=" + visible.replaceAll("\\s", ""));
        }
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            process.getOutputStream().close();
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return "";
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // the program is not installed, so there is no driver
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }
}
