package dev.moco.operator.resilience;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.StageTask;
import dev.moco.localcluster.ApiProxy;
import dev.moco.localcluster.ApiProxy.Fault;
import dev.moco.localcluster.TestCluster;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.reconcile.FakeStages;
import dev.moco.operator.reconcile.OperatorFixture;
import dev.moco.operator.server.MoCoOperator;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.rbac.RoleBindingBuilder;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.function.ThrowingSupplier;

/**
 * A namespace in which experiments run with faked stages, and a record of the Jobs that were created and the stages that
 * ran. Operators have a ServiceAccount of their own there, so that the audit log shows their requests.
 */
final class RecordedNamespace implements AutoCloseable {
    static final String ACCOUNT = "moco-operator";
    /**
     * Fields that differ between two runs: times, places, names of pods, and keys, which depend on the times of raw
     * files.
     */
    private static final List<String> VARYING = List.of(
            "lastTransitionTime",
            "startTime",
            "completionTime",
            "updated",
            "pod",
            "digest",
            "reportUri",
            "key",
            "fingerprint");

    private static final String KEY = "-[0-9a-f]{12}\\b";

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Closes in the background, shared by all namespaces: an operator without a connection is slow to close. */
    private static final ConcurrentLinkedQueue<Thread> CLOSING = new ConcurrentLinkedQueue<>();

    private final OperatorFixture fixture;
    private final FakeStages stages;
    private final Map<String, Job> created = new ConcurrentHashMap<>();
    private final SharedIndexInformer<Job> jobs;
    private final List<AutoCloseable> opened = new ArrayList<>();

    /** Final status of an experiment, and the tasks and Jobs that it took. */
    record ExperimentEnd(String status, List<String> ran, List<String> jobs) {}

    private RecordedNamespace(String prefix) throws Exception {
        fixture = OperatorFixture.of(prefix);
        stages = new FakeStages(fixture.store());
        jobs = fixture.client()
                .batch()
                .v1()
                .jobs()
                .inNamespace(fixture.namespace())
                .inform(new ResourceEventHandler<Job>() {
                    @Override
                    public void onAdd(Job job) {
                        created.put(job.getMetadata().getUid(), job);
                    }

                    @Override
                    public void onUpdate(Job before, Job job) {}

                    @Override
                    public void onDelete(Job job, boolean unknown) {}
                });
        account();
    }

    /** Creates an empty namespace without a node. */
    static RecordedNamespace of(String prefix) throws Exception {
        return new RecordedNamespace(prefix);
    }

    /** Creates a namespace with a node on which every stage runs for {@code runs}. */
    static RecordedNamespace of(String prefix, Duration runs) throws Exception {
        RecordedNamespace recorded = of(prefix);
        recorded.fixture.fakeNode(runs, recorded.stages);
        return recorded;
    }

    private void account() {
        String namespace = fixture.namespace();
        fixture.client()
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName(ACCOUNT)
                        .withNamespace(namespace)
                        .endMetadata()
                        .build())
                .create();
        fixture.client()
                .resource(new RoleBindingBuilder()
                        .withNewMetadata()
                        .withName(ACCOUNT)
                        .withNamespace(namespace)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", "cluster-admin")
                        .addNewSubject("", "ServiceAccount", ACCOUNT, namespace)
                        .build())
                .create();
    }

    OperatorFixture fixture() {
        return fixture;
    }

    FakeStages stages() {
        return stages;
    }

    /** An operator's kubeconfig. */
    Path kubeconfig() throws IOException {
        return fixture.cluster().kubeconfig(fixture.namespace(), ACCOUNT);
    }

    /** A proxy to the API server; {@code faults} decides whether each write succeeds. */
    ApiProxy proxy(Function<OperatorWrite, Fault> faults) throws IOException {
        return closeLater(
                new ApiProxy(fixture.client().getConfiguration(), write -> faults.apply(OperatorWrite.of(write))));
    }

    /** An operator's kubeconfig with the address of a proxy. */
    Path kubeconfig(ApiProxy proxy) throws IOException {
        Config direct = config(kubeconfig());
        Path file = Files.createTempFile("moco-proxy", ".kubeconfig");
        file.toFile().deleteOnExit();
        Files.writeString(file, """
                apiVersion: v1
                kind: Config
                current-context: moco
                clusters:
                - {name: moco, cluster: {server: "%s"}}
                users:
                - {name: moco, user: {token: "%s"}}
                contexts:
                - {name: moco, context: {cluster: moco, user: moco, namespace: "%s"}}
                """.formatted(proxy.address(), direct.getAutoOAuthToken(), fixture.namespace()));
        return file;
    }

    private static Config config(Path kubeconfig) {
        return Config.fromKubeconfig(kubeconfig.toFile());
    }

    /** Starts an operator in this JVM. */
    MoCoOperator operator(Path kubeconfig) {
        return MoCoOperator.start(config(kubeconfig), fixture.settings(), () -> {});
    }

    /** Registers an object to close together with this one. */
    <T extends AutoCloseable> T closeLater(T what) {
        opened.add(what);
        return what;
    }

    /** Closes an operator that has died, without waiting for it. */
    void closeInBackground(AutoCloseable dead) {
        Thread thread = new Thread(() -> quietly(dead), "close");
        thread.setDaemon(true);
        CLOSING.add(thread);
        thread.start();
    }

    /** Waits until all background closes have finished. */
    static void awaitClosed() throws InterruptedException {
        for (Thread thread = CLOSING.poll(); thread != null; thread = CLOSING.poll()) {
            thread.join(Duration.ofMinutes(1).toMillis());
        }
    }

    private static void quietly(AutoCloseable dead) {
        try {
            dead.close();
        } catch (Exception e) {
            // Its connections are closed.
        }
    }

    /** Every Job that was created. */
    Collection<Job> jobs() {
        return List.copyOf(created.values());
    }

    /** Sorted names of the tasks that ran, with one entry for each run. */
    List<String> ran() {
        return stages.ran().stream().map(StageTask::name).sorted().toList();
    }

    /** Keys that ran more than once. */
    List<String> ranTwice() {
        return twice(stages.ran().stream().map(StageTask::key).toList());
    }

    /** Keys for which more than one Job was created. */
    List<String> jobsTwice() {
        return twice(jobs().stream()
                .flatMap(job -> JobLabels.keys(job).values().stream())
                .toList());
    }

    private static List<String> twice(List<String> all) {
        return all.stream().collect(Collectors.groupingBy(key -> key, Collectors.counting())).entrySet().stream()
                .filter(entry -> entry.getValue() > 1)
                .map(entry -> entry.getValue() + " times " + entry.getKey())
                .toList();
    }

    ExperimentEnd end(String experiment) {
        return new ExperimentEnd(
                common(fixture.status(experiment).orElseThrow()),
                ran(),
                jobs().stream()
                        .map(job -> job.getMetadata().getName().replaceAll(KEY, ""))
                        .sorted()
                        .toList());
    }

    /** A status without the fields that differ between runs. */
    static String common(MoCoExperimentStatus status) {
        return common(JSON.<JsonNode>valueToTree(status));
    }

    static String common(JsonNode status) {
        JsonNode tree = status.deepCopy();
        strip(tree);
        return tree.toPrettyString().replaceAll(KEY, "");
    }

    private static void strip(JsonNode tree) {
        if (tree instanceof ObjectNode object) {
            object.remove(VARYING);
        }
        tree.forEach(RecordedNamespace::strip);
    }

    /** Result of the tiny experiment without faults. */
    static ExperimentEnd undisturbed() {
        return Undisturbed.END;
    }

    private static final class Undisturbed {
        private static final ExperimentEnd END = unchecked(() -> {
            try (RecordedNamespace recorded = of("undisturbed", Duration.ofMillis(300));
                    MoCoOperator operator = recorded.operator(recorded.kubeconfig())) {
                assertThat(operator.healthAddress()).isPresent();
                recorded.fixture().apply("tiny", "");
                recorded.fixture().awaitCondition("tiny", "Ready", "True");
                return recorded.end("tiny");
            }
        });
    }

    private static <T> T unchecked(ThrowingSupplier<T> supplier) {
        try {
            return supplier.get();
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    TestCluster cluster() {
        return fixture.cluster();
    }

    @Override
    public void close() throws IOException {
        for (int i = opened.size() - 1; i >= 0; i--) {
            quietly(opened.get(i));
        }
        jobs.close();
        fixture.close();
    }
}
