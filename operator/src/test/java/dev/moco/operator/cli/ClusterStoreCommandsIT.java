package dev.moco.operator.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.artifacts.SourceTree;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Provenance;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageResult;
import dev.moco.contract.Task;
import dev.moco.localcluster.TestCluster;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands that read the store of a cluster's experiments, with a real API server and a real S3 server. */
class ClusterStoreCommandsIT {
    private static TestCluster cluster;

    private final List<MocoProcess> started = new ArrayList<>();
    private EmbeddedS3 server;
    private S3ObjectStore objects;
    private String namespace;

    @TempDir
    Path folder;

    @BeforeAll
    static void up() throws Exception {
        cluster = TestCluster.get();
        Definition.install(cluster);
    }

    @BeforeEach
    void serve() throws Exception {
        server = EmbeddedS3.start(folder.resolve("s3"));
        objects = S3ObjectStore.open(server.location(), server.credentials());
        for (String image : List.of("train/cat/1.png", "train/dog/2.png", "val/cat/3.png", "val/dog/4.png")) {
            objects.put("raw/" + image, new byte[] {1});
        }
        namespace = cluster.namespace("store");
    }

    @AfterEach
    void stop() throws Exception {
        started.forEach(MocoProcess::close);
        objects.close();
        server.close();
    }

    @Test
    void aPlanForTheClusterListsHitsOfItsStore() throws Exception {
        secret();
        Path file = file("mine", "");
        MocoProcess.ProcessOutput before = moco("plan", "-f", file.toString());
        assertThat(before.error()).isEmpty();
        assertThat(states(before)).containsExactly("prepare-imagenet Run", "pretrain Blocked", "linear Blocked");
        assertThat(before.out())
                .endsWith("Store: s3://moco/ at " + server.location().endpoint() + "; namespace " + namespace
                        + " of the cluster at "
                        + cluster.client().getMasterUrl().toString().replaceAll("/$", "")
                        + " (context " + context() + ").\n");
        String prepared = commitPrepared(file);
        MocoProcess.ProcessOutput after = moco("plan", "-f", file.toString());
        assertThat(states(after)).containsExactly("prepare-imagenet Hit", "pretrain Run", "linear Blocked");
        assertThat(after.out()).contains(prepared.substring(0, 12)).contains("committed earlier");
        assertThat(moco("plan", "-f", file.toString(), "-o", "json").out())
                .contains("\"experiment\" : \"mine\"", "\"state\" : \"Hit\"", "\"key\" : \"" + prepared + "\"");
    }

    @Test
    void aPlanReportsAStageThatAnotherExperimentRuns() throws Exception {
        secret();
        Path file = file("mine", "");
        commitPrepared(file);
        String key = key(file, Task.PRETRAIN).substring(0, 12);
        apply(file("other", ""));
        status("other", """
                status:
                  conditions: [{type: Succeeded, status: Unknown, reason: InProgress, message: "", lastTransitionTime: "2026-01-01T00:00:00Z"}]
                  stages:
                    - {name: pretrain, stage: pretrain, state: Running, reason: runs, key: %1$s, job: pretrain-%1$s,
                       infraFailures: 0, userFailures: 0}
                """.formatted(key));
        assertThat(moco("plan", "-f", file.toString()).out().lines().toList().get(2))
                .matches("pretrain +Joins +" + key + " +[0-9]+M +[0-9]+M +2 +other runs it now, Job pretrain-" + key);
    }

    @Test
    void aFolderOfTheClusterIsReadFromAStatusOrALocalMount() throws Exception {
        secret();
        Path file = Files.writeString(
                folder.resolve("folder.yaml"),
                Files.readString(file("mine", "")).replaceAll("imagenet: .*}", "imagenet: data/imagenet}"));
        assertThat(moco("plan", "-f", file.toString()).out().lines().toList().get(1))
                .endsWith("it reads data/imagenet in the cluster, which no experiment there has listed"
                        + " yet; mount it here and name the mount with --data-root DIR");
        apply(Files.writeString(
                folder.resolve("same.yaml"), Files.readString(file).replace("name: mine", "name: same")));
        status("same", "status: {data: [{name: prepare-imagenet, fingerprint: abc}]}");
        assertThat(states(moco("plan", "-f", file.toString()))).first().isEqualTo("prepare-imagenet Run");
        Path image = folder.resolve("root/data/imagenet/train/cat/1.png");
        Files.createDirectories(image.getParent());
        Files.write(image, new byte[] {1});
        assertThat(states(moco("plan", "-f", file.toString(), "--data-root", folder.resolve("root") + "")))
                .first()
                .isEqualTo("prepare-imagenet Run");
    }

    @Test
    void withoutTheSecretTheUsersCredentialsAreUsed() throws Exception {
        Path file = file("mine", "");
        assertThat(moco(Map.of(), "plan", "-f", file.toString())).satisfies(output -> {
            assertThat(output.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
            assertThat(output.error()).contains("no credentials found").hasLineCount(1);
        });
        assertThat(moco(server.environment(), "plan", "-f", file.toString()).exitCode())
                .isZero();
    }

    @Test
    void aStageThatGetsTooLittleMemoryIsRefused() throws Exception {
        secret();
        Path file = file("mine", "  resources: {pretrain: {memory: 300Mi}}\n");
        MocoProcess.ProcessOutput output = moco("plan", "-f", file.toString());
        assertThat(output.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(output.error())
                .matches(
                        "moco: pretrain needs about [0-9]+ MiB of memory, there are 300 MiB; less is needed with .*\n");
    }

    @Test
    void theReportIsReadFromTheStoreOrMadeLocally() throws Exception {
        secret();
        Path file = file("mine", "");
        apply(file);
        commitPrepared(file);
        String fingerprint = fingerprint();
        status(
                "mine",
                "status: {report: '| rows |', data: [{name: prepare-imagenet, fingerprint: " + fingerprint + "}]}");
        Path to = folder.resolve("to");
        MocoProcess.ProcessOutput made = moco("report", "mine", "--out", to.toString());
        assertThat(made.error()).isEmpty();
        assertThat(made.out().lines())
                .containsExactly(
                        to + "/status.json",
                        to + "/status.yaml",
                        to + "/report.md",
                        to + "/report.html",
                        to + "/report.csv");
        assertThat(Files.readString(to.resolve("report.md")))
                .startsWith("# mine\n")
                .contains("prepare-imagenet");
        assertThat(moco("report", "mine", "-o", "html").out()).startsWith("<!doctype html>");
        String kept = "v1/experiments/" + namespace + "/mine/uid/report.";
        objects.put(kept + "html", "<p>kept</p>".getBytes(StandardCharsets.UTF_8));
        objects.put(kept + "md", "kept".getBytes(StandardCharsets.UTF_8));
        status("mine", "status: {reportUri: 's3://moco/" + kept + "html'}");
        assertThat(moco("report", "mine", "-o", "html").out()).isEqualTo("<p>kept</p>\n");
        server.close();
        MocoProcess.ProcessOutput unreachable = moco("report", "mine", "--out", to.toString());
        assertThat(unreachable.exitCode()).isEqualTo(ExitCode.FAULT);
        assertThat(unreachable.error())
                .startsWith("moco: no report.html, and only the results in report.md: S3 at ")
                .hasLineCount(1);
        assertThat(Files.readString(to.resolve("report.md"))).isEqualTo("# mine\n\n| rows |");
    }

    @Test
    void whereDuAndGcAreOfTheStoreOfTheCluster() throws Exception {
        // gc is about all namespaces: those of other tests may need anything.
        cluster.kubectl("delete", "mocoexperiments", "-A", "--field-selector=metadata.namespace!=" + namespace)
                .orFail();
        secret();
        Path file = file("mine", "");
        apply(file);
        String prepared = commitPrepared(file);
        status("mine", "status: {data: [{name: prepare-imagenet, fingerprint: " + fingerprint() + "}]}");
        assertThat(moco("where", "mine", "prepare").out()).contains("s3://moco/v1/stages/prepare/" + prepared + "/");
        assertThat(moco("du").out())
                .containsPattern("prepare +" + prepared.substring(0, 12) + " .* " + namespace + "/mine\n");
        // Of a stage that this experiment does not have.
        String other = "v1/stages/weights/" + "ab".repeat(32) + "/progress.json";
        objects.put(other, new byte[1]);
        MocoProcess.ProcessOutput dry = moco("gc");
        assertThat(dry.out()).as(dry.error()).contains("Nothing to delete");
        MocoProcess.ProcessOutput written = moco("gc", "--delete");
        assertThat(written.exitCode()).isEqualTo(ExitCode.BAD_CONFIG);
        assertThat(written.error()).contains("nothing is deleted in", "ab".repeat(32));
        // S3 has whole seconds.
        Awaitility.await()
                .atMost(Duration.ofMinutes(10))
                .until(() -> moco("gc", "--older-than", "0s").out().contains("unfinished, and no experiment needs it"));
        assertThat(moco("gc", "--older-than", "0s", "--delete").out()).contains("Deleted 1 B of 1 stages");
        assertThat(objects.get(other)).isEmpty();
        assertThat(states(moco("plan", "-f", file.toString()))).first().isEqualTo("prepare-imagenet Hit");
    }

    private Path file(String name, String sections) throws IOException {
        return Files.writeString(
                folder.resolve(name + ".yaml"),
                """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: %s}
                spec:
                  data: {imagenet: "s3://moco/raw"}
                  pretrain: {arch: resnet10w16, imageSize: 32, epochs: 2, batchSize: 2, ranks: 1, queueSize: 4}
                  detection: {enabled: false}
                  storage: {bucket: moco, endpoint: "%s", region: us-east-1, credentialsSecret: moco-s3}
                """.formatted(name, server.location().endpoint()) + sections);
    }

    private String fingerprint() throws IOException {
        try (SourceTree raw = SourceTree.open(
                "s3://moco/raw", server.location(), place -> S3ObjectStore.open(place, server.credentials()))) {
            return raw.fingerprint();
        }
    }

    private PlannedTask planned(Path file, String task) throws IOException {
        Experiment experiment = ExperimentFile.read(file);
        return new LocalObservations(
                        experiment, new ArtifactStore(objects), Map.of(Task.PREPARE_IMAGENET, fingerprint()))
                .decide(Instant.now()).tasks().stream()
                        .filter(planned -> planned.task().name().equals(task))
                        .findFirst()
                        .orElseThrow();
    }

    private String key(Path file, String task) throws IOException {
        return planned(file, task).key().orElseThrow();
    }

    private String commitPrepared(Path file) throws IOException {
        PlannedTask prepare = planned(file, Task.PREPARE_IMAGENET);
        StageConfig config = prepare.config().orElseThrow();
        new ArtifactStore(objects)
                .commit(new Manifest(
                        Manifest.VERSION,
                        config.stage(),
                        prepare.key().orElseThrow(),
                        config,
                        Map.of(),
                        List.of(),
                        List.of(),
                        new StageResult.Prepared(2, 2, 2, 4, 0, List.of()),
                        new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 1, 0)));
        return prepare.key().orElseThrow();
    }

    private void secret() throws Exception {
        List<String> command = new ArrayList<>(List.of("create", "secret", "generic", "moco-s3", "-n", namespace));
        server.environment().forEach((name, value) -> command.add("--from-literal=" + name + "=" + value));
        cluster.kubectl(command.toArray(String[]::new)).orFail();
    }

    private void apply(Path file) throws Exception {
        cluster.kubectl("apply", "-n", namespace, "-f", file.toString()).orFail();
    }

    private void status(String name, String status) throws Exception {
        Path patch = Files.writeString(folder.resolve("status.yaml"), status);
        cluster.kubectl(
                        "patch",
                        "mocoexperiment",
                        name,
                        "-n",
                        namespace,
                        "--subresource=status",
                        "--type=merge",
                        "--patch-file",
                        patch.toString())
                .orFail();
    }

    private String context() {
        return cluster.client().getConfiguration().getCurrentContext().getName();
    }

    private static List<String> states(MocoProcess.ProcessOutput output) {
        return output.out()
                .lines()
                .skip(1)
                .filter(line -> !line.startsWith("Store: ") && !line.startsWith("Pre-training: "))
                .map(line -> line.replaceAll("^(\\S+) +(\\S+) .*", "$1 $2"))
                .toList();
    }

    private MocoProcess.ProcessOutput moco(String... arguments) throws IOException, InterruptedException {
        return moco(Map.of(), arguments);
    }

    private MocoProcess.ProcessOutput moco(Map<String, String> environment, String... arguments)
            throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-n", namespace, "--work", folder.resolve("work").toString()));
        MocoProcess process = MocoProcess.start(
                with(environment, Map.of("KUBECONFIG", cluster.kubeconfig().toString())), all);
        started.add(process);
        return process.ended();
    }

    private static Map<String, String> with(Map<String, String> one, Map<String, String> other) {
        Map<String, String> both = new HashMap<>(one);
        both.putAll(other);
        return both;
    }
}
