package dev.moco.operator.neighbors;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.localcluster.TestCluster;
import dev.moco.operator.manifests.ManifestFiles;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Kueue's controller as a process of this machine, beside a test cluster. Its objects are those of its own {@code
 * config/default}, with two differences: no Deployment and no aggregated API, and the webhooks' Service leads to a port of
 * loopback. It runs with the rights of its own ServiceAccount.
 */
final class Kueue implements AutoCloseable {
    private static final String NAMESPACE = "kueue-system";
    private static final String SERVICE = "kueue-webhook-service";
    private static final String CERTIFICATE = "kueue-webhook-server-cert";
    private static final Set<String> LEFT_OUT = Set.of("Deployment", "APIService", "Service");

    private final TestCluster cluster;
    private final Path certificates;
    private final int webhookPort;
    private final NeighborProcess process;

    /** Installs Kueue and waits until it is ready. */
    static Kueue start(TestCluster cluster, Path folder) throws Exception {
        int healthPort = NeighborProcess.freePort();
        Kueue kueue = new Kueue(cluster, folder, healthPort);
        boolean ready = false;
        try {
            kueue.mountCertificate();
            kueue.process.awaitReady(healthPort, "/readyz");
            ready = true;
            return kueue;
        } finally {
            if (!ready) {
                kueue.close();
            }
        }
    }

    private Kueue(TestCluster cluster, Path folder, int healthPort) throws Exception {
        this.cluster = cluster;
        webhookPort = NeighborProcess.freePort();
        GoModule module = GoModule.of("kueue", "sigs.k8s.io/kueue/cmd/kueue");
        Path program = module.build();
        install(module.sources("sigs.k8s.io/kueue").resolve("config/default"));
        certificates = Files.createDirectories(folder.resolve("certs"));
        Path configuration = Files.writeString(
                folder.resolve("kueue.yaml"), """
                apiVersion: config.kueue.x-k8s.io/v1beta2
                kind: Configuration
                namespace: %s
                health: {healthProbeBindAddress: "127.0.0.1:%d"}
                metrics: {bindAddress: "0"}
                webhook: {host: 127.0.0.1, port: %d, certDir: %s}
                leaderElection: {leaderElect: false}
                featureGates: {VisibilityOnDemand: false}
                integrations: {frameworks: [batch/job]}
                """.formatted(NAMESPACE, healthPort, webhookPort, certificates));
        ProcessBuilder builder = new ProcessBuilder(program.toString(), "--config=" + configuration);
        Path kubeconfig = cluster.kubeconfig(NAMESPACE, "kueue-controller-manager");
        builder.environment().put("KUBECONFIG", kubeconfig.toString());
        process = new NeighborProcess(builder, folder.resolve("kueue.log"));
    }

    private void install(Path manifests) throws Exception {
        List<JsonNode> objects = ManifestFiles.documents(
                cluster.kubectl("kustomize", manifests.toString()).orFail().out());
        String applied = objects.stream()
                .filter(object -> !LEFT_OUT.contains(object.path("kind").asText()))
                .map(object -> {
                    object.findParents("service").forEach(parent -> throughLoopback(parent.path("service")));
                    return object.toString();
                })
                .collect(Collectors.joining("\n---\n"));
        String service = """

                ---
                apiVersion: v1
                kind: Service
                metadata: {name: %s, namespace: %s}
                spec: {type: ExternalName, externalName: localhost}
                """.formatted(SERVICE, NAMESPACE);
        // Kueue's definitions are too large for the annotation of a client-side apply.
        cluster.kubectlWithInput(applied + service, "apply", "--server-side", "-f", "-")
                .orFail();
    }

    /** Gives a reference to the webhooks' Service the port; schemas have fields named service too. */
    private void throughLoopback(JsonNode service) {
        if (service instanceof ObjectNode object
                && SERVICE.equals(service.path("name").asText())) {
            object.put("port", webhookPort);
        }
    }

    /** Does a kubelet's work: writes the Secret that Kueue fills with its certificate to the folder that it is read from. */
    private void mountCertificate() throws IOException {
        await().atMost(NeighborProcess.PATIENCE).until(() -> {
            process.checkAlive();
            return !certificate().isEmpty();
        });
        for (Map.Entry<String, String> file : certificate().entrySet()) {
            Files.write(certificates.resolve(file.getKey()), Base64.getDecoder().decode(file.getValue()));
        }
    }

    private Map<String, String> certificate() {
        Secret secret = cluster.client()
                .secrets()
                .inNamespace(NAMESPACE)
                .withName(CERTIFICATE)
                .get();
        return secret == null || secret.getData() == null ? Map.of() : secret.getData();
    }

    @Override
    public void close() {
        process.close();
    }
}
