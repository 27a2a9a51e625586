package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code peers/compare} with scripts in place of the programs of both sides. */
class CompareTest {
    private static final String PROBE = "{\"python\":\"3\",\"torch\":\"2.7.1+cu126\",\"torchvision\":\"0.22.1\","
            + "\"pillow\":\"13.0.0\",\"libtorch\":\"/torch/lib\",\"device\":%s,\"uuid\":\"4f\",\"devices\":%d}";
    private static final String NO_GPU = PROBE.formatted("null", 0);

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
        theirs("theirs", PROBE.formatted("\"Some GPU\"", 8));
        script(
                "ours",
                "echo \"$PYTORCH_LIBRARY_PATH $PYTORCH_VERSION $PYTORCH_FLAVOR $*\" >>asked; sleep 0.1; case $2 in"
                        + " world) echo '{\"results\":[{\"imagesPerSecond\":300}],\"peakRssMib\":20,\"versions\":{}}';;"
                        + " *) echo '{\"imagesPerSecond\":200,\"gigabytesPerSecond\":900,\"peakRssMib\":20,\"versions\":{}}';;"
                        + " esac");
        script("nvidia-smi", "case \"$*\" in *GPU-4f*loop*) echo 700; echo 300; exec sleep 600;; esac; echo 100");
        assertThat(compareOnGpu()).as(printed()).isZero();

        JsonNode rows = rows("answers.json");
        assertThat(rows.findValuesAsText("row"))
                .containsExactly(
                        "step-bf16",
                        "step-bf16-compiled",
                        "step-32-bf16",
                        "step-32-bf16-compiled",
                        "step",
                        "step-compiled",
                        "step-32",
                        "step-32-compiled",
                        "step-tf32",
                        "step-tf32-compiled",
                        "step-32-tf32",
                        "step-32-tf32-compiled",
                        "step-data",
                        "augment",
                        "nccl",
                        "ddp");
        for (JsonNode row : rows) {
            assertThat(row.path("oursMib").intValue()).isEqualTo(600);
            assertThat(row.path("ratio").isMissingNode())
                    .isEqualTo(
                            List.of("augment", "nccl").contains(row.path("row").textValue()));
        }
        assertThat(printed())
                .contains("Some GPU")
                .contains("| **2.00×** | 2.00 to 2.00 of 1 | 1.00× (600 to 600 MiB) | ≥ 1.2×, memory ≤ 1.0× | works |")
                .contains("bfloat16, batch 8; theirs compiled (max-autotune) |")
                .contains("float32, batch 8; theirs compiled (reduce-overhead) |")
                .contains("float32, 8 ranks of 2, a GPU each | 300 images/s | 100 images/s | **3.00×** |")
                .contains("| 200 images/s |  |  |  | 600 MiB |  | 100.0% of step, 100.0% of step-tf32, ")
                .contains("| 900 GB/s |  |  |  | 600 MiB |  |  |");
        String asked = Files.readString(folder.resolve("asked"));
        assertThat(asked)
                .contains("/torch/lib 2.7.1 cu128 bench augment --device cuda")
                .contains("/torch/lib 2.7.1 cu128 bench step")
                .contains("--precision tf32")
                .contains("--data")
                .contains("bench nccl")
                .containsPattern("bench world .*--ranks 8 .*--parts steps --devices 8 ")
                .containsPattern("theirs .*moco_ddp.py .*--ranks 8 ")
                .containsPattern("theirs .*moco_step.py .*--precision bfloat16 .*--compile max-autotune\\n")
                .containsPattern("theirs .*moco_step.py .*--precision tf32 .*--compile reduce-overhead\\n");
        // Rows in which ours does the same share its run, as those of three precisions; and one from files.
        assertThat(asked.lines().filter(line -> line.contains(" bench step "))).hasSize(4);
    }

    @Test
    void rowsOfMoreGpusThanThereAreAreLeftOut() throws IOException, InterruptedException {
        theirs("theirs", PROBE.formatted("\"Some GPU\"", 2));
        script("ours", "echo '{\"gigabytesPerSecond\":900,\"peakRssMib\":20,\"versions\":{}}'");
        script("nvidia-smi", "case \"$*\" in *loop*) echo 100; exec sleep 600;; esac; echo 100");
        assertThat(compareOnGpu("--rows", "nccl,ddp")).as(printed()).isZero();
        assertThat(rows("answers.json").findValuesAsText("row")).containsExactly("nccl");
        assertThat(printed()).contains("compare: ddp is left out: it needs 8 GPUs, found 2\n");
    }

    @Test
    void theNewestPyTorchRunsInItsOwnPythonAndFinishedRowsAreWrittenAtOnce() throws IOException, InterruptedException {
        theirs("theirs", NO_GPU);
        theirs("newest", NO_GPU.replace("2.7.1+cu126", "2.15.0"));
        script(
                "ours",
                "case $* in *bfloat16*) cp answers.json early.json;; esac; echo \"ours $*\" >>asked;"
                        + " echo '{\"imagesPerSecond\":130,\"peakRssMib\":20,\"versions\":{}}'");
        String newest = folder.resolve("newest").toString();
        String names = "step,step-newest,step-compiled,step-bf16-compiled";
        assertThat(compare("--rounds", "2", "--rows", names, "--newest-python", newest))
                .as(printed())
                .isZero();

        assertThat(rows("answers.json").findValuesAsText("row")).containsExactly(names.split(","));
        assertThat(rows("early.json").findValuesAsText("row")).containsExactly("step", "step-newest", "step-compiled");
        assertThat(printed())
                .contains("- newest: python 3, torch 2.15.0, torchvision 0.22.1, pillow 13.0.0\n")
                .contains("theirs compiled (default) | 130 images/s | 100 images/s | **1.30×** | 1.30 to 1.30 of 2 |")
                .contains("| ≥ 1.25× | works |");
        // In turn, in each round.
        assertThat(Files.readString(folder.resolve("asked")).replaceAll("(?m)^(\\w+) .*?(--compile default)?$", "$1$2"))
                .isEqualTo("ours\ntheirs\nnewest\nnewest--compile default\n".repeat(2)
                        + "ours\nnewest--compile default\n".repeat(2));
    }

    @Test
    void onACpuRowsOfTheNewestPyTorchNeedItsPython() throws IOException, InterruptedException {
        assertThat(compare("--rows", "step,step-compiled")).isEqualTo(2);
        assertThat(printed()).endsWith("compare: error: --rows step-compiled needs --newest-python\n");
        theirs("theirs", NO_GPU);
        script(
                "ours",
                "echo '{\"imagesPerSecond\":1,\"imagesPerCoreSecond\":1,\"verifiedMbPerSecond\":1,"
                        + "\"plainMbPerSecond\":1,\"peakRssMib\":20,\"versions\":{}}'");
        assertThat(compare()).as(printed()).isZero();
        assertThat(rows("answers.json").findValuesAsText("row"))
                .containsExactly(
                        "step",
                        "step-bf16",
                        "ranks",
                        "input",
                        "input-color",
                        "input-decode",
                        "detect",
                        "detect-infer",
                        "store");

        script("newest", "echo \"No module named 'torch'\" >&2; exit 1");
        String newest = folder.resolve("newest").toString();
        assertThat(compare("--rows", "step-compiled", "--newest-python", newest))
                .isEqualTo(1);
        assertThat(printed())
                .isEqualTo(
                        "compare: --newest-python must be a Python with stages/training/peers/requirements-newest.txt,"
                                + " found " + newest + " (No module named 'torch'); to make one:\n"
                                + "  python3 -m venv .moco/newest && .moco/newest/bin/pip install -r"
                                + " stages/training/peers/requirements-newest.txt\n"
                                + "  stages/training/peers/compare --newest-python .moco/newest/bin/python\n");
    }

    @Test
    void aRowEndsWithTheRoundInWhichASideFailsAndOthersGoOn() throws IOException, InterruptedException {
        theirs("theirs", NO_GPU);
        script("newest", "[ \"$1\" = -c ] && echo '" + NO_GPU + "' && exit; echo 'no compiler' >&2; exit 1");
        script("ours", "echo '{\"imagesPerSecond\":130,\"peakRssMib\":20,\"versions\":{}}'");
        String newest = folder.resolve("newest").toString();
        assertThat(compare("--rounds", "3", "--rows", "step,step-compiled", "--newest-python", newest))
                .as(printed())
                .isEqualTo(1);
        assertThat(printed())
                .contains("| 1.30 to 1.30 of 3 |")
                .contains("| failed: theirs: no compiler (exit code 1) |")
                .contains("compare: step, round 3 of 3: theirs 100 images/s (")
                .doesNotContain("step-compiled, round 2");
    }

    @Test
    void aMissingGpuIsReportedInOneLine() throws IOException, InterruptedException {
        script("theirs", "echo '" + NO_GPU + "'");
        assertThat(compareOnGpu()).isEqualTo(1);
        assertThat(printed())
                .isEqualTo("compare: --device cuda needs a GPU, but torch 2.7.1+cu126 of " + folder.resolve("theirs")
                        + " finds none\n");
    }

    @Test
    void anEngineThatDoesNotRunIsReportedInOneLine() throws IOException, InterruptedException {
        script("theirs", "echo '" + PROBE.formatted("\"Some GPU\"", 1) + "'");
        script("nvidia-smi", "echo 'no driver'");
        assertThat(compareOnGpu()).isEqualTo(1);
        assertThat(printed()).isEqualTo("compare: nvidia-smi must print the GPU's memory, found 'no driver'\n");

        script("nvidia-smi", "case \"$*\" in *loop*) echo 100; exec sleep 600;; esac; echo 100");
        script("ours", "echo 'moco: the engine sees no GPU' >&2; exit 78");
        assertThat(compareOnGpu()).isEqualTo(1);
        assertThat(printed())
                .endsWith("compare: ours does not run on the GPU: the engine sees no GPU (exit code 78)\n");
    }

    private int compareOnGpu(String... more) throws IOException, InterruptedException {
        return compare(
                Stream.concat(Stream.of("--device", "cuda"), Stream.of(more)).toArray(String[]::new));
    }

    private int compare(String... more) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of("python3", Path.of("peers/compare").toAbsolutePath().toString(), "--quick"));
        command.addAll(List.of("--images-dir", folder.toString()));
        command.addAll(List.of("--python", folder.resolve("theirs").toString()));
        command.addAll(List.of("--moco", folder.resolve("ours").toString()));
        command.addAll(List.of("--json", folder.resolve("answers.json").toString()));
        command.addAll(List.of(more));
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

    /** A Python that answers what is asked about its packages, and 100 images/s of every program. */
    private void theirs(String name, String packages) throws IOException {
        script(
                name,
                "[ \"$1\" = -c ] && echo '" + packages + "' && exit; echo \"" + name + " $*\" >>asked; sleep 0.1;"
                        + " echo '{\"imagesPerSecond\":100,\"imagesPerCoreSecond\":100,\"peakRssMib\":10}'");
    }

    private JsonNode rows(String file) throws IOException {
        return new JsonMapper().readTree(folder.resolve(file).toFile()).path("rows");
    }

    private void script(String name, String line) throws IOException {
        Path script = Files.writeString(
                folder.resolve(name),
                "#!/bin/sh\n" + line.replaceAll("\\b(asked|answers.json|early.json)", folder + "/$1") + "\n");
        assertThat(script.toFile().setExecutable(true)).isTrue();
    }

    private String printed() throws IOException {
        return Files.readString(folder.resolve("printed"));
    }
}
