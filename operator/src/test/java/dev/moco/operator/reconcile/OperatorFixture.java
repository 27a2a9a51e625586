package dev.moco.operator.reconcile;

import static org.awaitility.Awaitility.await;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.FileTree;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.contract.StoreLocation;
import dev.moco.localcluster.TestCluster;
import dev.moco.localcluster.TestNode;
import dev.moco.localcluster.TestNodeBuilder;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.jobs.OperatorConfig;
import dev.moco.operator.jobs.StoreRules;
import dev.moco.operator.local.OperatorJvm;
import dev.moco.operator.local.TinyData;
import dev.moco.operator.server.MoCoOperator;
import dev.moco.operator.server.OperatorSettings;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * A namespace of the test cluster with the requirements of an operator: the resource's definition, an S3 server behind a
 * proxy that can be cut, a Secret with its credentials, and tiny data. Operators run in this JVM, or as processes that can
 * be killed; stage pods are real processes of a node, or faked.
 */
public final class OperatorFixture implements AutoCloseable {
    public static final String SECRET = "moco-s3";
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    private final TestCluster cluster;
    private final String namespace;
    private final Path folder;
    private final EmbeddedS3 server;
    private final CutNetwork network;
    private final S3ObjectStore objects;
    private final List<AutoCloseable> opened = new ArrayList<>();

    private OperatorFixture(TestCluster cluster, String prefix) throws Exception {
        this.cluster = cluster;
        this.folder = Files.createTempDirectory("moco-operator");
        cluster.kubectl("apply", "--server-side", "-f", crd().toString()).orFail();
        this.namespace = cluster.namespace(prefix);
        this.server = EmbeddedS3.start(folder.resolve("s3"));
        this.network = CutNetwork.to(server.location());
        this.objects = S3ObjectStore.open(server.location(), server.credentials());
        secret(namespace);
        TinyData.write(folder);
    }

    /** Creates a namespace whose name has a prefix. */
    public static OperatorFixture of(String prefix) throws Exception {
        return of(TestCluster.get(), prefix);
    }

    /** Creates a namespace of another cluster, such as one of the test's own. */
    public static OperatorFixture of(TestCluster cluster, String prefix) throws Exception {
        return new OperatorFixture(cluster, prefix);
    }

    private static Path crd() throws IOException {
        return TestCluster.home().resolve("manifests/crd/mocoexperiments.moco.dev-v1.yml");
    }

    /** Creates the Secret with the store's credentials in a namespace. */
    public void secret(String where) {
        client().resource(new SecretBuilder()
                        .withNewMetadata()
                        .withNamespace(where)
                        .withName(SECRET)
                        .endMetadata()
                        .withStringData(server.environment())
                        .build())
                .create();
    }

    public TestCluster cluster() {
        return cluster;
    }

    public KubernetesClient client() {
        return cluster.client();
    }

    public String namespace() {
        return namespace;
    }

    /** Folder with the tiny data and files of tests. */
    public Path folder() {
        return folder;
    }

    /** Proxy between the store and its clients. */
    public CutNetwork network() {
        return network;
    }

    /** The store without the proxy. */
    public ArtifactStore store() {
        return new ArtifactStore(objects);
    }

    /** The store behind the proxy, for operators and pods. */
    public StoreLocation location() {
        return network.through(server.location());
    }

    /** Starts a node for this namespace's pods, where {@code fakes} run instead of processes. */
    public TestNode fakeNode(Duration runs, FakeStages fakes) throws IOException {
        return opened(cluster.node(namespace).fake(pod -> true, runs, fakes).start());
    }

    /** Starts a node for this namespace's pods, where stages are processes. */
    public TestNode node() throws IOException {
        return node(node -> node);
    }

    /** Starts a node for this namespace's pods, configured by a test. */
    public TestNode node(UnaryOperator<TestNodeBuilder> as) throws IOException {
        return opened(as.apply(cluster.node(namespace)).start());
    }

    private <T extends AutoCloseable> T opened(T what) {
        opened.add(what);
        return what;
    }

    /** Settings of an operator of this namespace. */
    public OperatorSettings settings() {
        return new OperatorSettings(
                new OperatorConfig(
                        "moco-stages:test",
                        Optional.of(folder.toString()),
                        Optional.empty(),
                        new StoreRules(Optional.of(location()), Optional.of(SECRET), true, List.of(), List.of())),
                Set.of(namespace),
                Optional.empty(),
                Optional.of(new InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0)),
                Optional.of(new InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), 0)),
                Duration.ofSeconds(1));
    }

    /** Starts an operator in this JVM. */
    public MoCoOperator operator() {
        return operator(settings());
    }

    public MoCoOperator operator(OperatorSettings settings) {
        return opened(MoCoOperator.start(administrator(), settings, () -> {}));
    }

    private Config administrator() {
        return client().getConfiguration();
    }

    /** Starts {@code moco operator} as a process, with the same settings. */
    public OperatorProcess process(Path kubeconfig, String... more) throws IOException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), OperatorJvm.HEAP));
        command.addAll(OperatorJvm.FLAGS);
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "dev.moco.operator.cli.Main",
                "operator",
                "--namespace",
                namespace,
                "--data-root",
                folder.toString(),
                "--store",
                "s3://" + location().bucket(),
                "--store-endpoint",
                Optional.ofNullable(location().endpoint()).orElseThrow(),
                "--store-secret",
                SECRET,
                "--share-store",
                "--stage-image",
                "moco-stages:test",
                "--health-address",
                "127.0.0.1:0",
                "--metrics-address",
                "127.0.0.1:0",
                "--progress-seconds",
                "1"));
        command.addAll(List.of(more));
        File log = Files.createTempFile(folder, "operator", ".log").toFile();
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
        builder.environment().putAll(OperatorJvm.VARIABLES);
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        return opened(new OperatorProcess(builder.start(), log.toPath()));
    }

    /** An operator that can be killed. */
    public record OperatorProcess(Process process, Path log) implements AutoCloseable {
        public void awaitStart() {
            await().atMost(Duration.ofMinutes(10)).until(() -> logText().contains("operator=0.1.0 started"));
        }

        public String logText() throws IOException {
            return Files.readString(log);
        }

        /** SIGKILL. */
        public void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        /** SIGTERM; returns the exit code. */
        public int stop() throws InterruptedException {
            process.destroy();
            return process.waitFor();
        }

        @Override
        public void close() {
            try {
                kill();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Applies an experiment of the tiny data with the real kubectl; {@code spec} has more fields of its spec. */
    public void apply(String name, String spec) throws Exception {
        apply(namespace, name, 2, spec);
    }

    /** Same, in another namespace, with a number of pre-training epochs; 200 take some time. */
    public void apply(String where, String name, int epochs, String spec) throws Exception {
        cluster.kubectlWithInput(experiment(name, epochs, spec), "apply", "-n", where, "-f", "-")
                .orFail();
    }

    /** The tiny experiment for this namespace's node; every line of {@code spec} goes below {@code spec:}. */
    public String experiment(String name, String spec) throws IOException {
        return experiment(name, 2, spec);
    }

    /** Same, with a number of pre-training epochs. */
    public String experiment(String name, int epochs, String spec) throws IOException {
        String tiny = Files.readString(TinyData.experiment(folder, epochs, 1, ""));
        return tiny.replace("{name: tiny}", "{name: " + name + "}").strip() + "\n" + """
                  scheduling: {nodeSelector: {kubernetes.io/hostname: %s}}
                  resources:
                    accelerator: None
                    prepare: {cpu: 2}
                    pretrain: {cpu: 2}
                    linear: {cpu: 2}
                    detect: {cpu: 2}
                """.formatted(namespace)
                + spec.strip().indent(2);
    }

    public MoCoExperiment experiment(String name) {
        return Optional.ofNullable(client().resources(MoCoExperiment.class)
                        .inNamespace(namespace)
                        .withName(name)
                        .get())
                .orElseThrow();
    }

    public Optional<MoCoExperimentStatus> status(String name) {
        return Optional.ofNullable(experiment(name).getStatus());
    }

    /** {@code Ready=True Succeeded}, for one condition. */
    public String condition(String name, String type) {
        return status(name).stream()
                .flatMap(status -> status.conditions().stream())
                .filter(condition -> condition.type().equals(type))
                .map(condition -> condition.type() + "=" + condition.status() + " " + condition.reason())
                .findFirst()
                .orElse("");
    }

    public Optional<StageStatus> stage(String name, String task) {
        return status(name).stream()
                .flatMap(status -> status.stages().stream())
                .filter(stage -> stage.name().equals(task))
                .findFirst();
    }

    public void awaitCondition(String name, String type, String status) {
        awaitStatus(name, found -> found.conditions().stream().anyMatch(is -> is(is, type, status)));
    }

    private static boolean is(Condition condition, String type, String status) {
        return condition.type().equals(type) && condition.status().equals(status);
    }

    public void awaitStatus(String name, Predicate<MoCoExperimentStatus> status) {
        try {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(200))
                    .until(() -> status(name).filter(status).isPresent());
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("status of " + name + " is " + status(name), e);
        }
    }

    public List<Job> jobs() {
        return client().batch().v1().jobs().inNamespace(namespace).list().getItems();
    }

    public List<Pod> pods() {
        return client().pods().inNamespace(namespace).list().getItems();
    }

    /** {@code type reason: message} of an experiment's events, oldest first. */
    public List<String> events(String name) {
        return client().v1().events().inNamespace(namespace).list().getItems().stream()
                .filter(event -> name.equals(event.getInvolvedObject().getName())
                        && MoCoExperiment.KIND.equals(event.getInvolvedObject().getKind()))
                .sorted(Comparator.comparing(
                        (Event event) -> event.getMetadata().getCreationTimestamp()))
                .map(event -> event.getType() + " " + event.getReason() + ": " + event.getMessage())
                .toList();
    }

    /** Waits for an event of an experiment, which is written after the status. */
    public void awaitEvent(String name, Predicate<String> event) {
        try {
            await().atMost(PATIENCE).until(() -> events(name).stream().anyMatch(event));
        } catch (org.awaitility.core.ConditionTimeoutException e) {
            throw new AssertionError("events of " + name + " are " + events(name), e);
        }
    }

    /** Changes fields of a resource's spec. */
    public void patch(String name, String spec) throws Exception {
        cluster.kubectl(
                        "patch",
                        "mocoexperiment",
                        name,
                        "-n",
                        namespace,
                        "--type=merge",
                        "-p",
                        "{\"spec\":" + spec + "}")
                .orFail();
    }

    /** Describes objects of the namespace, for the message of a failed test. */
    public String describe() throws Exception {
        return cluster.kubectl("get", "mocoexperiments,jobs,pods", "-n", namespace, "-o", "wide")
                        .out()
                + cluster.kubectl("describe", "mocoexperiments", "-n", namespace)
                        .out()
                + cluster.kubectl("get", "events", "-n", namespace).out();
    }

    @Override
    public void close() throws IOException {
        for (int i = opened.size() - 1; i >= 0; i--) {
            end(opened.get(i));
        }
        client().namespaces().withName(namespace).delete();
        objects.close();
        network.close();
        server.close();
        try {
            FileTree.delete(folder);
        } catch (UncheckedIOException e) {
            // a log file was created or deleted meanwhile
        }
    }

    private static void end(AutoCloseable part) throws IOException {
        try {
            part.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) { // declared by AutoCloseable
            throw new IOException("cannot end " + part, e);
        }
    }
}
