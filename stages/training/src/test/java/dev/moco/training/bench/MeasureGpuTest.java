package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code peers/measure_gpu} with scripts in place of the programs that need a GPU. */
class MeasureGpuTest {
    private static final String PROBE = "{\"python\":\"3\",\"torch\":\"2.7.1+cu126\",\"torchvision\":\"0.22.1\","
            + "\"pillow\":\"13.0.0\",\"libtorch\":\"/torch/lib\",\"device\":%s,\"devices\":1,\"uuid\":\"4f\"}";
    private static final String REPORT =
            "{\"imagesPerSecond\":200,\"gigabytesPerSecond\":900,\"peakRssMib\":20,\"versions\":{}}";

    @TempDir
    Path folder;

    @BeforeEach
    void programs() throws IOException, InterruptedException {
        assumeTrue(
                run("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 10))") == 0,
                "measure_gpu needs Python 3.10 or newer");
        script(
                "theirs",
                "[ \"$1\" = -c ] && echo '" + PROBE.formatted("\"Some GPU\"") + "' && exit; echo '" + REPORT + "'");
        script("nvidia-smi", "case \"$*\" in *loop*) echo 700; exec sleep 600;; esac; echo 100");
    }

    @Test
    void whatFailsKeepsNothingFromBeingMeasuredAndIsTriedAgain() throws IOException, InterruptedException {
        String moco = "echo \"$PYTORCH_FLAVOR $NCCL_MULTI_RANK_GPU_ENABLE $*\" >>asked; case \"$*\" in %s"
                + " *plan*) echo '{\"stages\":[{\"stage\":\"pretrain\",\"digest\":\"ab\"}]}';; *) echo '" + REPORT
                + "';; esac";
        script("ours", moco.formatted("*world*) echo 'moco: Duplicate GPU' >&2; exit 1;;"));
        assertThat(measure("--minutes", "60")).as(printed()).isEqualTo(1);
        assertThat(outcomes())
                .containsEntry("shared", "failed with exit code 1: moco: Duplicate GPU")
                .hasSizeGreaterThan(5);
        assertThat(outcomes().entrySet())
                .allMatch(part ->
                        part.getKey().equals("shared") || part.getValue().equals("done"));
        assertThat(Files.readString(folder.resolve("results/results.md")))
                .contains("## step-bf16\n")
                .contains("| step-bf16 | MoCo v2 step, ")
                .contains("the same bytes: ab and ab")
                .contains("200 images/s, with --deterministic 200: 1.00×")
                .contains("failed with exit code 1: moco: Duplicate GPU");
        assertThat(Files.readString(folder.resolve("asked")))
                .contains("cu128  run ")
                .contains(" --deterministic --work ")
                .contains("cu128 1 bench world --device cuda --parts collectives,steps --devices 1,2,4 --ranks 4");

        Files.delete(folder.resolve("asked"));
        script("ours", moco.formatted(""));
        assertThat(measure("--minutes", "60")).as(printed()).isZero();
        assertThat(Files.readAllLines(folder.resolve("asked")))
                .singleElement()
                .asString()
                .contains("bench world");
        assertThat(outcomes()).containsEntry("shared", "done");
    }

    @Test
    void otherBytesAreSaid() throws IOException, InterruptedException {
        script("ours", "echo \"{\\\"stages\\\":[{\\\"stage\\\":\\\"pretrain\\\",\\\"digest\\\":\\\"$$\\\"}]}\"");
        assertThat(measure("--parts", "repeats")).as(printed()).isZero();
        assertThat(printed()).contains("OTHER BYTES: ");
    }

    @Test
    void whatThereIsNoTimeForIsNotStarted() throws IOException, InterruptedException {
        script("ours", "echo called >>asked; exit 1");
        assertThat(measure("--minutes", "0")).isEqualTo(1);
        assertThat(folder.resolve("asked")).doesNotExist();
        assertThat(printed()).contains("repeats: no time is left; the same command goes on here");
    }

    @Test
    void aMissingGpuIsReportedInOneLine() throws IOException, InterruptedException {
        script("theirs", "echo '" + PROBE.formatted("null") + "'");
        script("ours", "exit 1");
        assertThat(measure()).isEqualTo(1);
        assertThat(printed())
                .isEqualTo("measure_gpu: torch 2.7.1+cu126 of " + folder.resolve("theirs") + " finds no GPU\n");
    }

    private Map<String, String> outcomes() throws IOException {
        Map<String, String> outcomes = new LinkedHashMap<>();
        for (JsonNode record :
                new JsonMapper().readTree(folder.resolve("results/results.json").toFile())) {
            outcomes.put(record.path("part").textValue(), record.path("outcome").textValue());
        }
        return outcomes;
    }

    private int measure(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                "python3",
                Path.of("peers/measure_gpu").toAbsolutePath().toString(),
                "--quick",
                "--out",
                folder.resolve("results").toString(),
                "--python",
                folder.resolve("theirs").toString(),
                "--moco",
                folder.resolve("ours").toString()));
        command.addAll(List.of(options));
        return run(command.toArray(String[]::new));
    }

    private int run(String... command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("printed").toFile());
        builder.environment().put("PYTHONDONTWRITEBYTECODE", "1");
        builder.environment().put("PATH", folder + ":" + System.getenv("PATH"));
        builder.environment().remove("PYTORCH_LIBRARY_PATH");
        return builder.start().waitFor();
    }

    private void script(String name, String line) throws IOException {
        String text = "#!/bin/sh\n[ \"$1\" = --version ] && exit\n" + line.replace("asked", folder + "/asked") + "\n";
        Path script = Files.writeString(folder.resolve(name), text);
        assertThat(script.toFile().setExecutable(true)).isTrue();
    }

    private String printed() throws IOException {
        return Files.readString(folder.resolve("printed"));
    }
}
