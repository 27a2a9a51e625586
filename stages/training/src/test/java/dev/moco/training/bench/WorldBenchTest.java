package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.ExitCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The bench of several devices in a process of its own, with real ones for its devices, which exchange over sockets. */
class WorldBenchTest {
    private static final String TINY = "world --ranks 2 --batch-size 8 --image-size 32 --queue-size 16"
            + " --detect-batch-size 1 --warmup 1 --threads 2";

    @TempDir
    Path folder;

    @Test
    void everyPartIsMeasuredOnOneDeviceAndOnTwo() throws Exception {
        assertThat(run(TINY + " --devices 2,1 --steps 2 -o json --data " + images(), Map.of()))
                .as(printed())
                .isEqualTo(ExitCode.DONE);
        JsonNode page = new JsonMapper().readTree(folder.resolve("out").toFile());
        JsonNode results = page.path("results");
        assertThat(results.findValuesAsText("part"))
                .containsExactly(
                        "collectives",
                        "collectives",
                        "collectives",
                        "collectives",
                        "collectives",
                        "collectives",
                        "steps",
                        "steps",
                        "files",
                        "files",
                        "trials",
                        "trials");
        assertThat(page.has("failure")).isFalse();
        assertThat(page.path("device").textValue()).isEqualTo("CPU");
        for (JsonNode result : results) {
            assertThat(result.path("seconds")).hasSize(2);
            assertThat(result.path("peakRssMib").longValue()).isPositive();
            boolean exchange = result.path("part").textValue().equals("collectives");
            String rate = exchange ? "busGigabytesPerSecond" : "imagesPerSecond";
            assertThat(result.path(rate).doubleValue())
                    .isPositive()
                    .isBetween(
                            result.path(rate + "Min").doubleValue(),
                            result.path(rate + "Max").doubleValue());
            String expected = exchange ? "expectedBusGigabytesPerSecond" : "expectedImagesPerSecond";
            assertThat(result.path(expected).isNull()).as(expected).isTrue();
        }
        assertTwoDevicesDoTheSame(results.get(6), results.get(7));
        assertTwoDevicesDoTheSame(results.get(8), results.get(9));
        assertThat(results.get(8).path("dataWaitShare").doubleValue()).isBetween(0.0, 1.0);
        // A trial is on one device, so two have twice the images.
        assertThat(results.get(10).path("images").intValue()).isEqualTo(1);
        assertThat(results.get(11).path("images").intValue()).isEqualTo(2);
        assertThat(results.get(10).path("loss").isMissingNode()).isTrue();
        assertThat(folder.resolve("work/bench-world.json")).hasSameTextualContentAs(folder.resolve("out"));
        assertThat(folder.resolve("work/bench-world.txt"))
                .content()
                .startsWith("bench world: MoCo v2, resnet10w16, 32 px, batch 8, 2 ranks, K 16, float32, CPU\n")
                .containsPattern(
                        "sum over 2 +0.066 MB in [0-9.]+ ms, [0-9.]+ GB/s \\(.*\\) on the bus; expected not known")
                .containsPattern("step on 2 .* images/s \\(.*\\), [0-9.]+ times one device, [0-9.]+ % efficiency,"
                        + " loss [0-9.]+; expected not known\n")
                .containsPattern("files on 1 .*; waits for data [0-9.]+ % of the time, expected not known\n")
                .containsPattern("trials on 2 .*, [0-9.]+ times one device");
    }

    /** The same loss, to the last bit, as the images, weights and permutations do not depend on the devices. */
    private static void assertTwoDevicesDoTheSame(JsonNode one, JsonNode two) {
        assertThat(one.path("devices").intValue()).isEqualTo(1);
        assertThat(two.path("devices").intValue()).isEqualTo(2);
        assertThat(one.path("loss").doubleValue()).isPositive();
        assertThat(two.path("loss")).isEqualTo(one.path("loss"));
        assertThat(one.has("speedup")).isFalse();
        assertThat(two.path("speedup").doubleValue())
                .isEqualTo(two.path("imagesPerSecond").doubleValue()
                        / one.path("imagesPerSecond").doubleValue());
        assertThat(two.path("efficiency").doubleValue())
                .isEqualTo(two.path("speedup").doubleValue() / 2);
    }

    @Test
    void aDeviceThatRefusesEndsTheBenchAndTheResultsBeforeItStay() throws Exception {
        assertThat(run(TINY + " --devices 1,2 --parts steps --steps 1 -o json", Map.of("MOCO_COLLECTIVES", "nccl")))
                .as(printed())
                .isEqualTo(ExitCode.BAD_CONFIG);
        String message = "steps on 2 devices: MOCO_COLLECTIVES is nccl, and there is no GPU; sockets serve the CPU";
        JsonNode page = new JsonMapper().readTree(folder.resolve("out").toFile());
        assertThat(page.path("results")).hasSize(1);
        assertThat(page.path("results").get(0).path("devices").intValue()).isEqualTo(1);
        assertThat(page.path("failure").path("message").textValue()).isEqualTo(message);
        assertThat(page.path("failure").path("exitCode").intValue()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(folder.resolve("work/bench-world.json")).hasSameTextualContentAs(folder.resolve("out"));
        assertThat(printed()).endsWith("moco: " + message + "\n");
    }

    @Test
    void aKilledDeviceEndsTheBenchWithItsReason() throws Exception {
        Process bench = start(TINY + " --devices 2 --parts trials --steps 1000000", Map.of());
        await().atMost(Duration.ofMinutes(10))
                .until(() -> !bench.isAlive() || bench.toHandle().children().count() == 2);
        bench.toHandle().children().findFirst().orElseThrow().destroyForcibly();
        assertThat(bench.waitFor()).as(printed()).isEqualTo(ExitCode.FAULT);
        assertThat(Files.readString(folder.resolve("out")))
                .containsPattern("ended +trials on 2 devices: device [01] of 2 was killed by signal 9");
    }

    private int run(String arguments, Map<String, String> environment) throws Exception {
        return start(arguments, environment).waitFor();
    }

    private Process start(String arguments, Map<String, String> environment) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                BenchMain.class.getName(),
                "--work",
                folder.resolve("work").toString()));
        command.addAll(List.of(arguments.split(" ")));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("error").toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String printed() throws IOException {
        return Files.readString(folder.resolve("error"));
    }

    private Path images() throws IOException {
        Path images = Files.createDirectories(folder.resolve("images/one"));
        for (String name : List.of("exif-1.jpg", "rgb.png", "ycc-1.jpg")) {
            try (InputStream in = WorldBenchTest.class.getResourceAsStream("/images/" + name)) {
                Files.copy(in, images.resolve(name));
            }
        }
        return images.getParent();
    }
}
