package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.Checkpoints;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.contract.Task;
import dev.moco.contract.local.Program;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.spec.ExperimentFile;
import dev.moco.operator.spec.ExperimentFiles;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@ResourceLock(Resources.SYSTEM_OUT)
@ResourceLock(Resources.SYSTEM_ERR)
class MainTest {
    @RegisterExtension
    final CapturedConsole console = new CapturedConsole();

    @TempDir
    Path folder;

    @Test
    void anUnknownCommandIsBadConfiguration() {
        assertThat(Main.execute("rum", "x.yaml")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith("moco: \"rum\" is not a command; nearest is \"run\", known are: run, sweep, plan, ")
                .contains("\nUsage: moco ")
                .endsWith("`moco --help` describes it.\n");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "run --wrok x a.yaml | \"--wrok\" is not an option of moco run; nearest is \"--work\", known are: --deterministic,",
                "plan --ouput=json a.yaml | \"--ouput\" is not an option of moco plan; nearest is \"--output\", known are:",
                "weights exprot a | \"exprot\" is not a command; nearest is \"export\", known are: export, import",
                "cluster upp | \"upp\" is not a command; nearest is \"up\", known are: ",
                "logs a b c | Unmatched argument at index 3: 'c'"
            })
    void aMisspelledCommandOrOptionIsAnsweredWithTheNearest(String arguments, String message) {
        assertThat(Main.execute(arguments.split(" "))).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).startsWith("moco: " + message);
    }

    @Test
    void versionAndHelpAreCommands() throws IOException {
        String pom = Files.readString(Path.of("../pom.xml"));
        String version = pom.replaceFirst("(?s).*?\n  <version>(.*?)(-SNAPSHOT)?</version>.*", "$1");
        for (String command : new String[] {"version", "--version", "-V", "run -V"}) {
            console.out.reset();
            assertThat(Main.execute(command.split(" "))).isEqualTo(ExitCode.DONE);
            assertThat(console.output()).isEqualTo("moco " + version + "\n");
        }
        console.out.reset();
        assertThat(Main.execute("help", "run")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).startsWith("Usage: moco run ");
    }

    @Test
    void helpIsAsWideAsTheTerminal() {
        List<Integer> widths = new ArrayList<>();
        for (String columns : new String[] {"0", "60", "140"}) {
            System.setProperty(Program.COLUMNS, columns);
            try {
                console.out.reset();
                assertThat(Main.execute("help", "run")).isEqualTo(ExitCode.DONE);
                widths.add(
                        console.output().lines().mapToInt(String::length).max().orElseThrow());
            } finally {
                System.clearProperty(Program.COLUMNS);
            }
        }
        assertThat(widths.get(0)).isBetween(61, 80);
        assertThat(widths.get(1)).isLessThanOrEqualTo(60);
        assertThat(widths.get(2)).isBetween(81, 140);
    }

    @Test
    void aShellCompletesCommandsAndOptions() throws Exception {
        assertThat(Main.execute("completion")).isEqualTo(ExitCode.DONE);
        Path script = Files.writeString(folder.resolve("completion"), console.output());
        assertThat(completed(script, "moco", "expl")).isEqualTo("explain");
        assertThat(completed(script, "moco", "run", "--dev")).isEqualTo("--devices");
        assertThat(completed(script, "moco", "plan", "--output", "ya")).isEqualTo("yaml");
    }

    /** Completions of the last of these words by bash. */
    private static String completed(Path script, String... words) throws Exception {
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source '" + script + "'; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD="
                                + (words.length - 1) + "; _complete_moco 2>/dev/null; echo ${COMPREPLY[@]}")
                .redirectErrorStream(true)
                .start();
        String found = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(bash.waitFor()).as(found).isZero();
        return found.strip();
    }

    @Test
    void noCommandIsBadConfiguration() {
        assertThat(Main.execute()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith("moco: no command given; commands are: run, sweep, plan, ")
                .contains("\nUsage: moco ");
    }

    @Test
    void helpExitsWithZero() {
        assertThat(Main.execute("--help")).isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .contains("run ", "plan ", "report ", "bench ", "explain ", "completion ", "version ", "help ");
    }

    @Test
    void theLocalClustersCommandsAreFound() {
        assertThat(Main.execute("--help")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).contains("cluster ", "kubectl ");
        assertThat(Main.execute("cluster")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith("moco: no command given; commands are: ")
                .contains("\nUsage: moco cluster");
    }

    @Test
    void aMissingFileIsReportedInOneLine() {
        Path file = folder.resolve("none.yaml");
        assertThat(Main.execute("run", file.toString())).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).isEqualTo("moco: no file " + file + "\n");
    }

    @Test
    void aMisspelledFieldIsReportedWithTheNearestName() throws IOException {
        Path file = experiment("  linear: {epoch: 5}\n");
        assertThat(Main.execute("run", file.toString(), "--work", work())).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).isEqualTo("moco: Experiment tiny in " + file + """
                 has 1 problem:
                  spec.linear.epoch is not a field; nearest is "epochs", known are: enabled, baseline, \
                protocol, epochs, batchSize, imageSize, learningRate, momentum, weightDecay, schedule, milestones, precision, seed
                """);
        assertThat(Path.of(work())).doesNotExist();
    }

    @Test
    void planListsStagesAndWritesNothing() throws IOException {
        images();
        assertThat(Main.execute("plan", experiment("").toString(), "--work", work()))
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output()
                        .replaceAll("(?<= )[0-9a-f]{12}(?= )", "<key>       ")
                        .replaceAll("(?<= )[0-9]+M(?= )", "<memory>")
                        .lines()
                        .map(line -> line.replaceAll(" +", " ")))
                .containsExactly(
                        "STAGE STATE KEY MEMORY GPU MEM STEPS A STEP TIME WHY",
                        "prepare-imagenet Run <key> <memory> - - - - no result under its key",
                        "pretrain Blocked - <memory> - - - - needs prepare-imagenet; its key is known after that",
                        "linear Blocked - <memory> - - - - needs pretrain and prepare-imagenet; its key is known after"
                                + " that",
                        "Pre-training: MoCo: arch resnet50, epochs 200, batchSize 256, ranks 8, mlp true, augPlus true,"
                                + " temperature 0.2, queueSize 65536, keyMomentum 0.999, learningRate 0.03, schedule Cosine.",
                        "Times come from steps measured on this machine, by `moco run` or `moco bench step`, and from the"
                                + " number of images once they are prepared; not known of pretrain, linear.");
        assertThat(console.errors()).isEmpty();
        assertThat(Path.of(work())).doesNotExist();
    }

    @Test
    void planAnswersInJson() throws IOException {
        images();
        assertThat(Main.execute("plan", experiment("").toString(), "--work", work(), "-o", "json"))
                .isEqualTo(ExitCode.DONE);
        JsonNode answer = new JsonMapper().readTree(console.output());
        assertThat(answer.path("experiment").textValue()).isEqualTo("tiny");
        assertThat(answer.path("pretrain").textValue()).startsWith("MoCo: arch ");
        assertThat(answer.path("stages")).hasSize(3);
        JsonNode first = answer.path("stages").path(0);
        assertThat(first.path("key").textValue()).matches("[0-9a-f]{64}");
        assertThat(first.path("state").textValue()).isEqualTo("Run");
        assertThat(answer.path("stages").path(1).toString())
                .matches("\\{\"name\":\"pretrain\",\"stage\":\"pretrain\",\"state\":\"Blocked\","
                        + "\"reason\":\"needs prepare-imagenet; its key is known after that\",\"memoryMib\":[0-9]+}");
    }

    @Test
    void planAnswersInYaml() throws IOException {
        images();
        assertThat(Main.execute("plan", experiment("").toString(), "--work", work(), "-o", "yaml"))
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .startsWith("experiment: tiny\npretrain: ")
                .contains("\nstages:\n- name: prepare-imagenet\n");
    }

    @Test
    void planNamesTheFieldThatDiffersFromTheNearestResult() throws IOException {
        images();
        CommittedResults committed = new CommittedResults(Path.of(work()));
        for (String epochs : new String[] {"100", "200, temperature: 0.5, arch: resnet18"}) {
            committed.commit(
                    ExperimentFile.read(experiment("  pretrain: {epochs: " + epochs + "}\n")),
                    67,
                    Commits.prepared(Task.PREPARE_IMAGENET));
        }
        assertThat(Main.execute("plan", experiment("").toString(), "--work", work()))
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output())
                .containsPattern(
                        "pretrain +Run .*no result under its key; nearest is [0-9a-f]{12}: epochs 200, not 100; begins anew, as"
                                + " the rates of its Cosine schedule depend on the number of epochs\n");
    }

    @ParameterizedTest(name = "{0}: {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "epochs: 100, schedule: Step | 2  | '; goes on from its epoch 2'",
                "epochs: 2, schedule: Step   | 4  | '; goes on from its epoch 1'",
                "epochs: 100, schedule: Step | '' | '; begins anew, as no checkpoint of its first 99 epochs is kept'",
                "epochs: 100, schedule: Step, temperature: 0.5 | 2 | ', not 0.2'"
            })
    void planSaysFromWhereMoreEpochsGoOn(String pretrain, String keptSteps, String beginning) throws IOException {
        images();
        String before = "  linear: {enabled: false}\n  pretrain: {schedule: Step, milestones: [], epochs: 300}\n";
        new CommittedResults(Path.of(work()))
                .commit(ExperimentFile.read(experiment(before)), 67, new Prepared(256, 10, 2, 1, 0, List.of()));
        ArtifactStore store = new ArtifactStore(EmbeddedS3.folder(new WorkFolder(Path.of(work())).store()));
        Checkpoints checkpoints = store.checkpoints(
                Stage.PRETRAIN, store.committed(Stage.PRETRAIN, 1).get(0));
        Files.createDirectories(folder.resolve("state"));
        if (!keptSteps.isEmpty()) {
            checkpoints.save(1, folder.resolve("state"), true);
            checkpoints.save(Long.parseLong(keptSteps), folder.resolve("state"), true);
        }
        Path file = experiment("  linear: {enabled: false}\n  pretrain: {" + pretrain + ", milestones: []}\n");
        assertThat(Main.execute("plan", file.toString(), "--work", work())).isEqualTo(ExitCode.DONE);
        assertThat(console.output().lines().filter(line -> line.startsWith("pretrain ")))
                .singleElement(InstanceOfAssertFactories.STRING)
                .containsPattern("nearest is [0-9a-f]{12}: ")
                .endsWith(beginning);
    }

    @Test
    void evalNamesTheCheckpointsThatThereAre() throws IOException {
        images();
        Path file = experiment("  pretrain: {epochs: 100}\n  linear: {epochs: 10, seed: 3}\n");
        assertThat(Main.execute("eval", file.toString(), "--work", work())).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("the experiment's images are not prepared in ", "`moco run` runs it");
        new CommittedResults(Path.of(work()))
                .commit(ExperimentFile.read(file), 67, new Prepared(512, 300, 2, 1, 0, List.of()));
        console.error.reset();
        assertThat(Main.execute("eval", file.toString(), "--work", work())).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .contains(
                        " has kept no checkpoint in ", "; spec.retention.checkpoints.everyEpochs says which it keeps");

        ArtifactStore store = new ArtifactStore(EmbeddedS3.folder(new WorkFolder(Path.of(work())).store()));
        Checkpoints checkpoints = store.checkpoints(
                Stage.PRETRAIN, store.committed(Stage.PRETRAIN, 1).get(0));
        for (int epoch : new int[] {50, 100}) {
            checkpoints.save(2L * epoch, Files.createDirectories(folder.resolve("state")), true);
        }
        // Nobody has trained so long.
        checkpoints.save(999_999_999_999L, folder.resolve("state"), true);
        assertThat(Main.execute("eval", file.toString(), "--work", work())).isEqualTo(ExitCode.DONE);
        assertThat(console.output().lines())
                .satisfiesExactly(
                        first ->
                                assertThat(first).startsWith("tiny  epoch 50  ").endsWith("/checkpoints/000000000100"),
                        last -> assertThat(last).startsWith("tiny  epoch 100  ").endsWith("/checkpoints/000000000200"));
        console.error.reset();
        assertThat(Main.execute("eval", file.toString(), "-o", "yaml", "--work", work()))
                .isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("-o prints the experiments of --epoch, which is missing");
        console.error.reset();
        assertThat(Main.execute("eval", file.toString(), "--epoch", "50,60", "--work", work()))
                .isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains("no checkpoint is kept of epoch 60; there are those of 50, 100");
        console.error.reset();
        assertThat(Main.execute("eval", file.toString(), "--stage", "detect", "--epoch", "50", "--work", work()))
                .isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).contains(" has nothing that evaluates a checkpoint: its spec.linear is on");

        console.out.reset();
        assertThat(Main.execute("eval", file.toString(), "--epoch", "50,100", "-o", "yaml", "--work", work()))
                .isEqualTo(ExitCode.DONE);
        Path made = Files.writeString(folder.resolve("eval.yaml"), console.output());
        assertThat(ExperimentFiles.read(List.of(made)))
                .extracting(source -> source.experiment().name())
                .containsExactly("tiny-epoch-50", "tiny-epoch-100");
    }

    @Test
    void plannedStepsAreThoseThatARunCounts() throws IOException {
        images();
        Path file = experiment("  linear: {epochs: 10, batchSize: 256}\n  pretrain: {epochs: 100}\n");
        new CommittedResults(Path.of(work()))
                .commit(
                        ExperimentFile.read(experiment("  pretrain: {epochs: 100}\n")),
                        67,
                        new Prepared(1000, 300, 2, 1, 0, List.of()));
        experiment("  linear: {epochs: 10, batchSize: 256}\n  pretrain: {epochs: 100}\n");
        assertThat(Main.execute("plan", file.toString(), "--work", work(), "-o", "json"))
                .isEqualTo(ExitCode.DONE);
        JsonNode linear =
                new JsonMapper().readTree(console.output()).path("stages").path(2);
        assertThat(linear.path("name").textValue()).isEqualTo("linear");
        assertThat(linear.path("steps").intValue()).isEqualTo(40);
    }

    @Test
    void anEncoderThatIsNotCommittedIsNotExported() throws IOException {
        images();
        Path file = experiment("");
        Path encoder = folder.resolve("encoder.pth");
        assertThat(Main.execute(
                        "weights",
                        "export",
                        file.toString(),
                        "--to",
                        "timm",
                        "--out",
                        encoder.toString(),
                        "--work",
                        work()))
                .isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .isEqualTo("moco: " + file + ": no pre-training of this experiment is committed in "
                        + Path.of(work()).resolve("s3") + "; `moco run` makes it, `moco plan` lists it\n");
        assertThat(encoder).doesNotExist();
    }

    @Test
    void missingRawDataIsReported() throws IOException {
        assertThat(Main.execute("plan", experiment("").toString(), "--work", work()))
                .isNotEqualTo(ExitCode.DONE);
        assertThat(console.errors())
                .startsWith("moco: ")
                .contains(folder.resolve("raw").toString());
    }

    @Test
    void aBucketOfRawDataNeedsAStore() throws IOException {
        Path file = Files.writeString(
                folder.resolve("s3.yaml"),
                Files.readString(experiment("")).replace("imagenet: raw", "imagenet: s3://raw/imagenet"));
        assertThat(Main.execute("plan", file.toString(), "--work", work())).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .isEqualTo("moco: spec.data has raw data in s3://raw/imagenet: name a bucket of the same server for"
                        + " the artifacts with --store s3://bucket/prefix\n");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "plan | one experiment must be given: FILE to plan for this machine, or -f FILE for the cluster",
                "plan a.yaml -f b.yaml | one experiment must be given: FILE to plan for this machine, or -f FILE for"
                        + " the cluster",
                "plan a.yaml -n team | FILE is planned for this machine; for a cluster use -f FILE",
                "status x -A | -l and -A cannot be combined with NAME",
                "status -o xml | Invalid value for option '--output': expected one of [text, wide, json, yaml]"
                        + " (case-sensitive) but was 'xml'",
                "status -w -o json | -w cannot be combined with -o json",
                "plan a.yaml --price -1 | --price must be 0 or more, and is for this machine, found -1.0",
                "logs | Missing required parameter: 'NAME'",
                "logs x -f --previous | --previous cannot be combined with -f, which follows the newest pod",
                "report x -o md --out d | -o cannot be combined with --out, which writes every format"
            })
    void wrongOptionsPrintOneLineAndTheUsage(String arguments, String message) {
        assertThat(Main.execute(arguments.split(" "))).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).startsWith("moco: " + message).contains("Usage: moco ");
    }

    @Test
    void withoutAClusterTheMessageExplainsHowToStartOne() throws IOException {
        Path none = Files.writeString(folder.resolve("empty.kubeconfig"), "apiVersion: v1\nkind: Config\n");
        for (String[] command : new String[][] {{"status"}, {"logs", "x"}, {"report", "x"}, {"table"}}) {
            console.error.reset();
            List<String> all = new ArrayList<>(List.of(command));
            all.addAll(List.of("--kubeconfig", none.toString()));
            assertThat(Main.execute(all.toArray(String[]::new))).isEqualTo(ExitCode.BAD_CONFIG);
            assertThat(console.errors())
                    .isEqualTo("moco: no cluster: " + none
                            + " names none; `moco cluster up` starts one here, --kubeconfig FILE names one\n");
        }
        Path broken = Files.writeString(folder.resolve("broken.kubeconfig"), "{");
        console.error.reset();
        assertThat(Main.execute("status", "--kubeconfig", broken.toString())).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .startsWith("moco: the kubeconfig " + broken + " cannot be used: ")
                .doesNotContain("An error has occurred")
                .hasLineCount(1);
        assertThat(Main.execute("status", "--kubeconfig", folder + "/none")).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors()).endsWith("moco: --kubeconfig: no file " + folder + "/none\n");
    }

    @Test
    void anUnreachableClusterIsReportedWithItsAddress() throws IOException {
        int closed = 1; // a free port could be another program's by the time it is called
        Path config = Files.writeString(folder.resolve("kubeconfig"), """
                apiVersion: v1
                kind: Config
                clusters: [{name: c, cluster: {server: "https://127.0.0.1:%s"}}]
                users: [{name: u, user: {token: t}}]
                contexts: [{name: laptop, context: {cluster: c, user: u, namespace: team}}]
                current-context: laptop
                """.formatted(closed));
        assertThat(Main.execute("status", "x", "--kubeconfig", config.toString()))
                .isEqualTo(ExitCode.FAULT);
        assertThat(console.errors())
                .isEqualTo("moco: the cluster at https://127.0.0.1:" + closed
                        + " (context laptop) cannot be reached, to get experiments: connection refused; is it up?"
                        + " --context and --kubeconfig name another\n");
        console.error.reset();
        assertThat(Main.execute("status", "--kubeconfig", config.toString(), "--context", "labtop"))
                .isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(console.errors())
                .isEqualTo("moco: --context \"labtop\" is not in the kubeconfig; nearest is \"laptop\", known are:"
                        + " laptop\n");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"table1-d, false", "x.yaml, true", "./x, true", "folder/x, true"})
    void anArgumentWithADotOrSlashIsAFile(String argument, boolean file) {
        assertThat(ReportCommand.isFile(argument)).isEqualTo(file);
    }

    @Test
    void aReportOfALocalRunHasEveryFormat() throws IOException {
        images();
        String file = experiment("").toString();
        assertThat(Main.execute("report", file, "--work", work(), "-o", "json")).isEqualTo(ExitCode.DONE);
        assertThat(new JsonMapper().readTree(console.output()).path("stages")).hasSize(3);
        console.out.reset();
        assertThat(Main.execute("report", file, "--work", work(), "-o", "md")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).startsWith("# tiny\n");
        console.out.reset();
        assertThat(Main.execute("report", file, "--work", work(), "-o", "html")).isEqualTo(ExitCode.DONE);
        assertThat(console.output()).startsWith("<!doctype html>");
        console.out.reset();
        Path to = folder.resolve("to");
        assertThat(Main.execute("report", file, "--work", work(), "--out", to.toString()))
                .isEqualTo(ExitCode.DONE);
        assertThat(console.output().lines())
                .containsExactlyInAnyOrder(
                        to + "/report.html",
                        to + "/report.md",
                        to + "/report.csv",
                        to + "/status.yaml",
                        to + "/status.json");
    }

    private String work() {
        return folder.resolve("work").toString();
    }

    private Path experiment(String sections) throws IOException {
        return Files.writeString(folder.resolve("x.yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: tiny}
                spec:
                  data: {imagenet: raw}
                  detection: {enabled: false}
                """ + sections);
    }

    private void images() throws IOException {
        for (String name : new String[] {"train/cat/1.png", "train/dog/2.png", "val/cat/3.png", "val/dog/4.png"}) {
            Path file = folder.resolve("raw").resolve(name);
            Files.createDirectories(file.getParent());
            ImageIO.write(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "png", file.toFile());
        }
    }
}
