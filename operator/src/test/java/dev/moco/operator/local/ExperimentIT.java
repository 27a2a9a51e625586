package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.FileTree;
import dev.moco.contract.Progress;
import dev.moco.operator.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code moco run} with the real stage programs, each in its own process, against a real S3 server. */
class ExperimentIT {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final PrintStream standardOut = System.out;
    private final PrintStream standardErr = System.err;

    @BeforeEach
    void listen() throws IOException {
        System.setProperty("moco.home", Path.of("..").toRealPath().toString());
        TinyData.write(folder);
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void restore() {
        System.setOut(standardOut);
        System.setErr(standardErr);
        System.clearProperty("aws.accessKeyId");
        System.clearProperty("aws.secretAccessKey");
    }

    @Test
    void aFinishedExperimentIsCached() throws Exception {
        Path file = TinyData.experiment(folder, 2, 2, "");
        assertThat(run(file)).as(output()).isZero();
        assertThat(output()).contains("NAME", "tiny", "Succeeded", "Linear top-1, best epoch", "VOC07 AP50, 1 trial");
        for (String report : List.of("report.html", "report.md", "report.csv", "status.json", "status.yaml")) {
            assertThat(folder.resolve("work/reports/tiny").resolve(report)).isNotEmptyFile();
        }
        assertThat(metric("| Time of a step")).endsWith(" s ");
        assertThat(metric("| Measured on")).isEqualTo(" 1 x CPU, float32, batch 16 ");
        Map<String, String> first = states(file);
        assertThat(first.values()).containsOnly("Hit");

        out.reset();
        assertThat(run(file)).isZero();
        assertThat(output()).contains("cached").doesNotContain("started");

        Path exported = folder.resolve("encoder.pth");
        assertThat(export(file, exported)).isZero();
        assertThat(exported).isNotEmptyFile();

        TinyData.experiment(folder, 2, 3, "");
        assertThat(states(file)).containsEntry("pretrain", "Hit").containsEntry("linear", "Run");

        // Alter the encoder that linear reads.
        Path encoder = only("work/s3/moco/v1/stages/pretrain", "encoder.safetensors");
        byte[] bytes = Files.readAllBytes(encoder);
        bytes[bytes.length - 1] ^= 1;
        Files.write(encoder, bytes);
        deleteCache();
        assertThat(run(file)).isEqualTo(65);
        assertThat(output()).contains("encoder.safetensors", "was altered: its SHA-256 is ");
        assertThat(export(file, folder.resolve("altered.pth"))).isEqualTo(65);
    }

    @Test
    void aSweepRunsWhatIsMissingAndGcDeletesWhatIsNoLongerNeeded() throws Exception {
        Path file = TinyData.experiment(folder, 1, 1, "");
        assertThat(sweep(file, "0.1,0.4")).as(output()).isZero();
        assertThat(output()).contains("TEMPERATURE", "TOP-1, %", "top-1, % over temperature");
        assertThat(started()).containsExactly("linear", "linear", "prepare-imagenet", "pretrain", "pretrain");
        assertThat(folder.resolve("work/sweeps/tiny-enabled-false-temperature.html"))
                .content()
                .contains("<svg");
        out.reset();
        assertThat(sweep(file, "0.1,0.4,1")).as(output()).isZero();
        assertThat(started()).containsExactly("linear", "pretrain");
        long before = bytes();
        assertThat(gc("--without", "tiny-enabled-false-temperature-0-1")).isZero();
        assertThat(bytes()).as("a dry run").isEqualTo(before);
        assertThat(gc("--without", "tiny-enabled-false-temperature-0-1", "--delete"))
                .isZero();
        assertThat(bytes()).isLessThan(before);
        out.reset();
        assertThat(sweep(file, "0.4,1")).as(output()).isZero();
        assertThat(started()).isEmpty();
    }

    private int sweep(Path file, String temperatures) {
        return Main.execute(
                "sweep",
                file.toString(),
                "--set",
                "detection.enabled=false",
                "--set",
                "temperature=" + temperatures,
                "--work",
                folder.resolve("work").toString());
    }

    private int gc(String... arguments) {
        List<String> all =
                new ArrayList<>(List.of("gc", "--work", folder.resolve("work").toString()));
        all.addAll(List.of(arguments));
        return Main.execute(all.toArray(String[]::new));
    }

    /** Names of the stages that have started, without the number of their experiment, sorted. */
    private List<String> started() {
        return output().lines()
                .filter(line -> line.contains(" started, key "))
                .map(line -> line.replaceFirst("^\\d+/", "").replaceFirst(" .*", ""))
                .sorted()
                .toList();
    }

    private long bytes() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("work/s3"))) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @Test
    void moreEpochsGoOnFromAFinishedRunAndAnOlderCheckpointIsEvaluated() throws Exception {
        Path file = stepped(2, "");
        assertThat(run(file)).as(output()).isZero();
        stepped(4, "  retention: {checkpoints: {everyEpochs: 3}}");
        plan(file);
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("; goes on from its epoch 2");
        out.reset();
        assertThat(run(file)).as(output()).isZero();
        assertThat(Files.readString(folder.resolve("work/logs/tiny/pretrain.log")))
                .contains("going on from the checkpoint of step=8 of key=");
        Map<String, String> continued = digests(file);

        out.reset();
        assertThat(eval(file, "--epoch", "3,4")).as(output()).isZero();
        // The last epoch's encoder is the one of pre-training, whose linear classification is committed.
        assertThat(started()).containsExactly("linear", "weights", "weights");
        assertThat(Files.readString(folder.resolve("work/reports/tiny-epoch-3/report.md")))
                .contains("file of weights: checkpoint of step 12: ", "| Linear top-1, last epoch");

        out.reset();
        assertThat(eval(file, "--stage", "knn", "--epoch", "all")).as(output()).isZero();
        assertThat(output()).contains("EPOCH   KNN TOP-1, %", "kNN top-1, % over epoch", "sweeps/tiny-epoch.html");
        String ofLast = Files.readString(folder.resolve("work/reports/tiny-epoch-4-knn/report.md"));
        assertThat(knn(ofLast, "| knn top-1 "))
                .isEqualTo(knn(Files.readString(folder.resolve("work/reports/tiny/report.md")), "| kNN top-1 "));
        out.reset();
        assertThat(eval(file, "--stage", "knn", "--epoch", "3")).as(output()).isZero();
        assertThat(output()).contains("cached, key").doesNotContain("started");

        FileTree.delete(folder.resolve("work"));
        assertThat(run(file)).isZero();
        assertThat(digests(file)).isEqualTo(continued);
    }

    /** Our value in the line of a report that begins with a text. */
    private static String knn(String report, String start) {
        return report.lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.split("\\|", -1)[2])
                .findFirst()
                .orElseThrow();
    }

    /** The experiment with a step schedule, without detection. */
    private Path stepped(int epochs, String more) throws IOException {
        Path file = TinyData.experiment(folder, epochs, 2, more);
        String text = Files.readString(file)
                .replace("{trials: 1,", "{enabled: false,")
                .replace("{arch: ", "{schedule: Step, milestones: [1], arch: ");
        return Files.writeString(file, text);
    }

    private int eval(Path file, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "eval", file.toString(), "--work", folder.resolve("work").toString()));
        arguments.addAll(List.of(more));
        return Main.execute(arguments.toArray(String[]::new));
    }

    private int export(Path file, Path out) {
        return Main.execute(
                "weights",
                "export",
                file.toString(),
                "--to",
                "torchvision",
                "--out",
                out.toString(),
                "--work",
                folder.resolve("work").toString());
    }

    @Test
    void anEncoderOfAFileIsEvaluatedAndTrainedOn() throws Exception {
        Path file = TinyData.experiment(folder, 1, 2, "");
        String trained = Files.readString(file).replace("{trials: 1,", "{enabled: false,");
        Files.writeString(file, trained);
        assertThat(run(file)).as(output()).isZero();
        String linear = metric("| Linear top-1, last epoch");
        Path exported = folder.resolve("encoder.pth");
        assertThat(export(file, exported)).isZero();

        int from = trained.indexOf("  pretrain:");
        int to = trained.indexOf("  linear:");
        Files.writeString(
                file,
                trained.substring(0, from) + "  encoder: {from: encoder.pth, arch: resnet10w16}\n"
                        + trained.substring(to).replace("linear: {", "linear: {imageSize: 32, "));
        assertThat(states(file)).containsOnlyKeys("prepare-imagenet", "weights", "linear");
        out.reset();
        assertThat(run(file)).as(output()).isZero();
        assertThat(metric("| Linear top-1, last epoch")).isEqualTo(linear);
        assertThat(Files.readString(folder.resolve("work/reports/tiny/report.md")))
                .contains(
                        "Nothing is compared with the paper: the encoder is of a file",
                        "file of weights: encoder.pth: a PyTorch file, resnet10w16 with torchvision's names, MD5 ");

        Files.writeString(
                file, trained.replace("{arch: resnet10w16,", "{from: {file: encoder.pth}, arch: resnet10w16,"));
        out.reset();
        assertThat(run(file)).as(output()).isZero();
        assertThat(states(file)).containsEntry("weights", "Hit").containsEntry("pretrain", "Hit");

        Files.writeString(file, trained.replace("{arch:", "{from: {file: encoder.pth, queue: true}, arch:"));
        out.reset();
        assertThat(run(file)).isEqualTo(65);
        assertThat(output())
                .contains(exported + " has not what spec.pretrain.from asks for: the head must be fc.0 and fc.2");
        Files.writeString(exported, "<html>");
        out.reset();
        assertThat(run(file)).isEqualTo(65);
        assertThat(output()).contains(exported + " is refused (format): it must be a file of torch.save");
    }

    /** Line of the report that begins with a text, up to our value. */
    private String metric(String start) throws IOException {
        return Files.readString(folder.resolve("work/reports/tiny/report.md"))
                .lines()
                .filter(line -> line.startsWith(start))
                .map(line -> line.split("\\|", -1)[2])
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theNumberOfDevicesChangesNoByteAndTheFirstLineSaysWhatARunUses() throws Exception {
        Path file = TinyData.experiment(folder, 1, 2, "");
        Files.writeString(file, Files.readString(file).replace("batchSize: 2, ranks: 1", "batchSize: 2, ranks: 2"));
        assertThat(run(file)).as(output()).isZero();
        assertThat(output()).startsWith("moco              on the CPU").contains(" cores, ");
        Map<String, String> one = digests(file);
        FileTree.delete(folder.resolve("work"));
        out.reset();
        assertThat(run(file, "--devices", "2")).as(output()).isZero();
        assertThat(output()).contains("2 processes a stage at most");
        for (String stage : List.of("pretrain", "linear", "detect-0")) {
            assertThat(Files.readString(folder.resolve("work/logs/tiny/" + stage + ".log")))
                    .contains("started device=1 ");
        }
        assertThat(digests(file)).isEqualTo(one);

        TinyData.experiment(folder, 3, 2, "");
        assertThat(run(file, "--devices", "3")).isEqualTo(78);
        assertThat(output())
                .contains(
                        "the number of devices must divide the number of ranks, found 3 devices with 2 ranks; possible are"
                                + " 1, 2");
    }

    @Test
    void aKilledStageResumesFromItsCheckpointWithTheSameResult() throws Exception {
        // Long enough to be killed on a fast machine, too.
        Path file = TinyData.experiment(folder, 150, 1, "");
        CompletableFuture<Integer> run = CompletableFuture.supplyAsync(() -> run(file));
        await().ignoreExceptions().atMost(Duration.ofMinutes(10)).until(() -> run.isDone() || pretrainTrains());
        stage("pretrain").ifPresent(ProcessHandle::destroyForcibly);
        assertThat(run.get()).as(output()).isZero();
        assertThat(output()).contains("pretrain          failed with exit code 137");
        String killed = encoderSha(file);
        FileTree.delete(folder.resolve("work"));
        assertThat(run(file)).isZero();
        assertThat(encoderSha(file)).isEqualTo(killed);
    }

    @Test
    void severalExperimentsShareTheirStagesAndAFailureLosesNoOther() throws Exception {
        Path file = TinyData.experiment(folder, 1, 1, "");
        String tiny = Files.readString(file)
                .replace("{trials: 1,", "{enabled: false,")
                .replace("linear: {", "linear: {baseline: true, ");
        Files.writeString(folder.resolve("encoder.pth"), "<html>");
        Path both = Files.writeString(
                folder.resolve("both.yaml"),
                tiny.replace("name: tiny", "name: bad").replace("{arch: ", "{from: {file: encoder.pth}, arch: ")
                        + "---\n" + tiny.replace("name: tiny", "name: good"));
        assertThat(run(both)).as(output()).isEqualTo(65);
        assertThat(output())
                .contains(
                        "moco              experiment 1 of 2: bad\n",
                        "moco              experiment 2 of 2: good\n",
                        "moco: bad: weights: ",
                        "encoder.pth is refused (format)",
                        "moco: 1 of 2 experiments failed: bad\n");
        assertThat(started()).containsOnlyOnce("prepare-imagenet", "pretrain");
        String table = out.toString(StandardCharsets.UTF_8)
                .substring(out.toString(StandardCharsets.UTF_8).indexOf("| experiment | row | method |"));
        assertThat(table.lines())
                .satisfiesExactly(
                        head -> assertThat(head).contains("| untrained | top-1 |"),
                        rule -> assertThat(rule).startsWith("|---|"),
                        bad -> assertThat(bad).startsWith("| bad |  | MoCo |"),
                        good -> assertThat(good).matches("\\| good \\|  \\| MoCo \\|.* \\| [0-9.]+ \\| [0-9.]+ \\|.*"),
                        empty -> assertThat(empty).isEmpty(),
                        bad -> assertThat(bad).isEqualTo(page("bad").toString()),
                        good -> assertThat(good).isEqualTo(page("good").toString()));
        assertThat(page("good")).isNotEmptyFile();
    }

    private Path page(String experiment) {
        return folder.resolve("work/reports").resolve(experiment).resolve("report.html");
    }

    @Test
    void badDataExitsWith65AndNamesTheFile() throws Exception {
        Path file = TinyData.experiment(folder, 1, 1, "");
        Path image = folder.resolve("imagenet/train/disc/3.jpg");
        byte[] whole = Files.readAllBytes(image);
        Files.write(image, Arrays.copyOf(whole, whole.length * 2 / 3));
        assertThat(run(file)).isEqualTo(65);
        assertThat(output()).contains("disc/3.jpg: corrupt image: truncated JPEG");
        Files.write(image, whole);

        Files.createDirectories(folder.resolve("imagenet/train/triangle"));
        out.reset();
        assertThat(run(file)).isEqualTo(65);
        assertThat(output()).contains("triangle");
        Files.delete(folder.resolve("imagenet/train/triangle"));

        TinyData.annotate(folder.resolve("voc/VOCdevkit/VOC2007"), 3, "disc", 10, 10, 7, 20);
        out.reset();
        assertThat(run(file)).isEqualTo(65);
        assertThat(output()).contains("3.xml", "has no area");
    }

    @Test
    void aMissingBucketOrWrongCredentialsExitWith78BeforeAnyStage() throws Exception {
        try (EmbeddedS3 server = EmbeddedS3.start(folder.resolve("server"))) {
            String storage =
                    "  storage: {bucket: moco, endpoint: \"" + server.location().endpoint() + "\"}";
            Path file = TinyData.experiment(folder, 1, 1, storage);
            System.setProperty("aws.accessKeyId", server.environment().getOrDefault("AWS_ACCESS_KEY_ID", ""));
            System.setProperty("aws.secretAccessKey", server.environment().getOrDefault("AWS_SECRET_ACCESS_KEY", ""));
            assertThat(run(file, "--store", "s3://nowhere/a")).isEqualTo(78);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("bucket \"nowhere\": the bucket does not exist");
            System.setProperty("aws.secretAccessKey", "wrong");
            err.reset();
            assertThat(run(file, "--store", "s3://moco/a")).isEqualTo(78);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .contains("the credentials may not")
                    .doesNotContain("wrong");
        }
    }

    private int run(Path file, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("run", file.toString(), "--work", folder.resolve("work").toString()));
        arguments.addAll(List.of(more));
        return Main.execute(arguments.toArray(String[]::new));
    }

    private String output() {
        return out.toString(StandardCharsets.UTF_8) + err.toString(StandardCharsets.UTF_8);
    }

    private JsonNode plan(Path file) throws IOException {
        out.reset();
        assertThat(Main.execute(
                        "plan",
                        file.toString(),
                        "--work",
                        folder.resolve("work").toString(),
                        "-o",
                        "json"))
                .isZero();
        return new ObjectMapper().readTree(out.toString(StandardCharsets.UTF_8)).get("stages");
    }

    private Map<String, String> states(Path file) throws IOException {
        Map<String, String> states = new TreeMap<>();
        plan(file)
                .forEach(stage -> states.put(
                        stage.get("name").textValue(), stage.get("state").textValue()));
        return states;
    }

    private Map<String, String> digests(Path file) throws IOException {
        Map<String, String> digests = new TreeMap<>();
        plan(file)
                .forEach(stage -> digests.put(
                        stage.get("name").textValue(), stage.get("digest").textValue()));
        return digests;
    }

    private String encoderSha(Path file) throws IOException {
        for (JsonNode stage : plan(file)) {
            if (stage.get("name").textValue().equals("pretrain")) {
                return stage.get("files").get(0).get("sha256").textValue();
            }
        }
        throw new AssertionError("no pretrain in the plan");
    }

    /** True once the store has progress of a training step. */
    private boolean pretrainTrains() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("work"))) {
            for (Path file : files.filter(path -> path.endsWith(Progress.FILE)).toList()) {
                if (file.toString().contains("/pretrain/")
                        && Files.readString(file).contains(Progress.TRAINING)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static Optional<ProcessHandle> stage(String name) {
        return ProcessHandle.current()
                .children()
                .filter(child -> commandLine(child).endsWith(name + "\0"))
                .findFirst();
    }

    /** The whole command line; that of the process handle is truncated if the class path is long. */
    private static String commandLine(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
        } catch (IOException e) {
            return "";
        }
    }

    private Path only(String under, String name) throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve(under))) {
            return files.filter(file -> file.getFileName().toString().equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void deleteCache() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("work/cache"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.delete(file);
            }
        }
    }
}
