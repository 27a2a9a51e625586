package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.NodeStatus;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node's object, and the Lease that the node renews as its heartbeat. */
final class NodeRegistration {
    private static final Logger LOG = LoggerFactory.getLogger(NodeRegistration.class);
    private static final String LEASES = "kube-node-lease";
    private static final int LEASE_SECONDS = 40;

    private final KubernetesClient client;
    private final String name;
    private final Map<String, Quantity> capacity;
    private final int logPort;

    /**
     * A node, yet to be registered.
     *
     * @param logPort port of the log server
     */
    NodeRegistration(KubernetesClient client, String name, Map<String, Quantity> capacity, int logPort) {
        this.client = client;
        this.name = name;
        this.capacity = capacity;
        this.logPort = logPort;
    }

    /** Creates the node's object unless it exists, and reports the node ready. */
    void register() {
        Node node = client.nodes().withName(name).get();
        if (node == null) {
            node = client.resource(new NodeBuilder()
                            .withNewMetadata()
                            .withName(name)
                            .addToLabels("kubernetes.io/hostname", name)
                            .addToLabels("kubernetes.io/os", "linux")
                            .addToLabels("kubernetes.io/arch", architecture())
                            .endMetadata()
                            .withNewSpec()
                            .endSpec()
                            .build())
                    .create();
        }
        KubernetesSerialization json = client.getKubernetesSerialization();
        client.nodes()
                .withName(name)
                .subresource("status")
                .patch(PatchContext.of(PatchType.STRATEGIC_MERGE), json.asJson(Map.of("status", status())));
        lease(node);
        LOG.info("node={} ready", name);
    }

    private static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    private NodeStatus status() {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        List<NodeCondition> conditions = List.of(
                condition("Ready", "True", "ProcessNodeReady", now),
                condition("MemoryPressure", "False", "SufficientMemory", now),
                condition("DiskPressure", "False", "SufficientDisk", now),
                condition("PIDPressure", "False", "SufficientPIDs", now));
        return new NodeStatusBuilder()
                .withCapacity(capacity)
                .withAllocatable(capacity)
                .addNewAddress("127.0.0.1", "InternalIP")
                .withConditions(conditions)
                .withNewDaemonEndpoints()
                .withNewKubeletEndpoint(logPort)
                .endDaemonEndpoints()
                .withNewNodeInfo()
                .withOperatingSystem("linux")
                .withArchitecture(architecture())
                .withOsImage(System.getProperty("os.name"))
                .withKernelVersion(System.getProperty("os.version"))
                .withContainerRuntimeVersion("process://1")
                .withKubeletVersion("process-node")
                .withKubeProxyVersion("")
                .withMachineID(name)
                .withSystemUUID(name)
                .withBootID(name)
                .endNodeInfo()
                .build();
    }

    private static NodeCondition condition(String type, String status, String reason, String now) {
        return new NodeConditionBuilder()
                .withType(type)
                .withStatus(status)
                .withReason(reason)
                .withLastHeartbeatTime(now)
                .withLastTransitionTime(now)
                .build();
    }

    /** Renews the Lease; registers the node again if its object was deleted. */
    void heartbeat() {
        Lease lease = client.leases().inNamespace(LEASES).withName(name).get();
        if (lease == null || client.nodes().withName(name).get() == null) {
            register();
            return;
        }
        lease.getSpec().setRenewTime(ZonedDateTime.now(ZoneOffset.UTC));
        client.resource(lease).update();
    }

    private void lease(Node node) {
        Lease lease = new LeaseBuilder()
                .withNewMetadata()
                .withName(name)
                .withNamespace(LEASES)
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion("v1")
                        .withKind("Node")
                        .withName(name)
                        .withUid(node.getMetadata().getUid())
                        .build())
                .endMetadata()
                .withNewSpec()
                .withHolderIdentity(name)
                .withLeaseDurationSeconds(LEASE_SECONDS)
                .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC))
                .endSpec()
                .build();
        client.resource(lease).createOr(existing -> existing.update());
    }

    void delete() {
        client.nodes().withName(name).delete();
        client.leases().inNamespace(LEASES).withName(name).delete();
    }
}
