package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code peers/compare --device cuda} with scripts in place of the programs that need a GPU. */
class CompareGpuTest {
    private static final String PROBE = "{\"python\":\"3\",\"torch\":\"2.7.1+cu126\",\"torchvision\":\"0.22.1\","
            + "\"pillow\":\"13.0.0\",\"libtorch\":\"/torch/lib\",\"device\":%s,\"uuid\":\"4f\"}";

    @TempDir
    Path folder;

    @BeforeEach
    void requirePython() throws IOException, InterruptedException {
        assumeTrue(
                run("python3", "-c", "import sys; sys.exit(sys.version_info < (3, 10))") == 0,
                "compare needs Python 3.10 or newer");
    }

    @Test
    void oneCommandMeasuresAllRows() throws IOException, InterruptedException {
        script(
                "theirs",
                "[ \"$1\" = -c ] && echo '" + PROBE.formatted("\"Some GPU\"") + "' && exit; sleep 0.1;"
                        + " echo '{\"imagesPerSecond\":100,\"peakRssMib\":10}'");
        script(
                "ours",
                "echo \"$PYTORCH_LIBRARY_PATH $PYTORCH_VERSION $PYTORCH_FLAVOR $*\" >>asked;"
                        + " sleep 0.1; echo '{\"imagesPerSecond\":200,\"gigabytesPerSecond\":900,\"peakRssMib\":20,\"versions\":{}}'");
        script("nvidia-smi", "case \"$*\" in *GPU-4f*loop*) echo 700; echo 300; exec sleep 600;; esac; echo 100");
        assertThat(compare()).as(printed()).isZero();

        JsonNode rows = new JsonMapper()
                .readTree(folder.resolve("answers.json").toFile())
                .path("rows");
        assertThat(rows.findValuesAsText("row"))
                .containsExactly(
                        "step",
                        "step-tf32",
                        "step-bf16",
                        "step-32",
                        "step-32-tf32",
                        "step-32-bf16",
                        "step-data",
                        "augment",
                        "nccl");
        for (JsonNode row : rows) {
            assertThat(row.path("oursMib").intValue()).isEqualTo(600);
            assertThat(row.path("ratio").isMissingNode())
                    .isEqualTo(
                            List.of("augment", "nccl").contains(row.path("row").textValue()));
        }
        assertThat(printed())
                .contains("Some GPU")
                .contains("| **2.00×** | 2.00 to 2.00 of 1 | 1.00× (600 to 600 MiB) | ≥ 1.0×, memory ≤ 1.0× | works |")
                .contains("| 200 images/s |  |  |  | 600 MiB |  | 100.0% of step, 100.0% of step-tf32, ")
                .contains("| 900 GB/s |  |  |  | 600 MiB |  |  |");
        assertThat(Files.readString(folder.resolve("asked")))
                .contains("/torch/lib 2.7.1 cu128 bench augment --device cuda")
                .contains("/torch/lib 2.7.1 cu128 bench step")
                .contains("--precision tf32")
                .contains("--data")
                .contains("bench nccl");
    }

    @Test
    void aMissingGpuIsReportedInOneLine() throws IOException, InterruptedException {
        script("theirs", "echo '" + PROBE.formatted("null") + "'");
        assertThat(compare()).isEqualTo(1);
        assertThat(printed())
                .isEqualTo("compare: --device cuda needs a GPU, but torch 2.7.1+cu126 of " + folder.resolve("theirs")
                        + " finds none\n");
    }

    @Test
    void anEngineThatDoesNotRunIsReportedInOneLine() throws IOException, InterruptedException {
        script("theirs", "echo '" + PROBE.formatted("\"Some GPU\"") + "'");
        script("nvidia-smi", "echo 'no driver'");
        assertThat(compare()).isEqualTo(1);
        assertThat(printed()).isEqualTo("compare: nvidia-smi must print the GPU's memory, found 'no driver'\n");

        script("nvidia-smi", "case \"$*\" in *loop*) echo 100; exec sleep 600;; esac; echo 100");
        script("ours", "echo 'moco: the engine sees no GPU' >&2; exit 78");
        assertThat(compare()).isEqualTo(1);
        assertThat(printed())
                .endsWith("compare: ours does not run on the GPU: the engine sees no GPU (exit code 78)\n");
    }

    private int compare() throws IOException, InterruptedException {
        return run(
                "python3",
                Path.of("peers/compare").toAbsolutePath().toString(),
                "--device",
                "cuda",
                "--quick",
                "--images-dir",
                folder.toString(),
                "--python",
                folder.resolve("theirs").toString(),
                "--moco",
                folder.resolve("ours").toString(),
                "--json",
                folder.resolve("answers.json").toString());
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
        Path script = Files.writeString(
                folder.resolve(name), "#!/bin/sh\n" + line.replace("asked", folder + "/asked") + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
    }

    private String printed() throws IOException {
        return Files.readString(folder.resolve("printed"));
    }
}
