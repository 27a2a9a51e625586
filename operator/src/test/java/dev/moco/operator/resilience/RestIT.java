package dev.moco.operator.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.reconcile.OperatorFixture.OperatorProcess;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/**
 * Many experiments at rest: half of them have succeeded, half are suspended. A new operator reads them all, needs a
 * bounded memory and then writes nothing. {@code -Dmoco.resources=200} sets their number, {@code -Dmoco.idle=PT20S} the
 * time without writes.
 */
class RestIT {
    private static final int RESOURCES = Integer.getInteger("moco.resources", 200);
    private static final Duration IDLE = Duration.parse(System.getProperty("moco.idle", "PT20S"));
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final int CLIENTS = 16;
    private static final long MEMORY_KIB = 512 * 1024;

    @Test
    void experimentsAtRestCostMemoryWithinTheLimitAndNoWrites() throws Exception {
        try (RecordedNamespace recorded = RecordedNamespace.of("rest", Duration.ofMillis(300))) {
            OperatorProcess first = recorded.fixture().process(recorded.kubeconfig());
            first.awaitStart();
            recorded.fixture().apply("succeeded", "");
            recorded.fixture().awaitCondition("succeeded", "Succeeded", "True");
            assertThat(first.stop()).isZero();
            create(recorded, recorded.fixture().experiment("succeeded"));

            Instant start = Instant.now();
            OperatorProcess operator = recorded.fixture().process(recorded.kubeconfig());
            operator.awaitStart();
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofSeconds(2))
                    .until(() -> suspended(recorded) == RESOURCES / 2);
            Instant idle = AuditedWrites.awaitNone(recorded, IDLE);
            System.out.printf(
                    Locale.ROOT,
                    "%d experiments at rest: all seen after %.1f s; peak memory %d MiB, at rest %d MiB; no write in %s,"
                            + " other requests: %s%n",
                    RESOURCES,
                    Duration.between(start, idle).toMillis() / 1e3,
                    ProcessMemory.peakKiB(operator) / 1024,
                    ProcessMemory.nowKiB(operator) / 1024,
                    IDLE,
                    AuditedWrites.kinds(AuditedWrites.requests(recorded, idle)));
            assertThat(ProcessMemory.peakKiB(operator)).isLessThanOrEqualTo(MEMORY_KIB);
        }
    }

    /** Creates copies of a succeeded experiment: half with its status, half suspended before they began. */
    private static void create(RecordedNamespace recorded, MoCoExperiment succeeded) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> created = new ArrayList<>();
            for (int i = 0; i < RESOURCES; i++) {
                int number = i;
                created.add(threads.submit(() -> create(recorded.fixture().client(), succeeded, number)));
            }
            for (Future<?> one : created) {
                one.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private static void create(KubernetesClient client, MoCoExperiment succeeded, int number) {
        KubernetesSerialization json = client.getKubernetesSerialization();
        ObjectNode tree = json.convertValue(succeeded, ObjectNode.class);
        boolean suspended = number % 2 == 1;
        tree.remove("status");
        ObjectNode spec = (ObjectNode) tree.get("spec");
        spec.put("suspend", suspended);
        if (suspended) {
            // Not the weights that the first experiment has committed.
            ((ObjectNode) spec.get("pretrain")).put("seed", number);
        }
        tree.putObject("metadata")
                .put("namespace", succeeded.getMetadata().getNamespace())
                .put("name", String.format(Locale.ROOT, "e%05d", number));
        MoCoExperiment created = client.resource(json.unmarshal(tree.toString(), MoCoExperiment.class))
                .create();
        if (!suspended) {
            created.setStatus(succeeded.getStatus());
            client.resource(created).updateStatus();
        }
    }

    /** Number of experiments whose status says that they are suspended, and which key their pre-training will have. */
    private static long suspended(RecordedNamespace recorded) {
        return recorded
                .fixture()
                .client()
                .resources(MoCoExperiment.class)
                .inNamespace(recorded.fixture().namespace())
                .list()
                .getItems()
                .stream()
                .filter(experiment -> experiment.getStatus() != null
                        && experiment.getStatus().conditions().stream()
                                .anyMatch(is -> is.type().equals("Suspended")
                                        && is.status().equals("True")))
                .count();
    }
}
