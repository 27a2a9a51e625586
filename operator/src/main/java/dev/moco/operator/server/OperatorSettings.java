package dev.moco.operator.server;

import dev.moco.operator.jobs.OperatorConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * Settings of one operator process.
 *
 * @param config settings that every Job takes in
 * @param namespaces watched namespaces; empty watches all
 * @param election leader election; empty runs without
 * @param health address of {@code /healthz} and {@code /readyz}; empty serves none
 * @param metrics address of {@code /metrics}; empty serves none
 * @param progressInterval time between two reads of a stage's progress, while few stages run
 */
public record OperatorSettings(
        OperatorConfig config,
        Set<String> namespaces,
        Optional<Election> election,
        Optional<InetSocketAddress> health,
        Optional<InetSocketAddress> metrics,
        Duration progressInterval) {
    public static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(10);

    public OperatorSettings {
        namespaces = Set.copyOf(namespaces);
    }

    /**
     * Leader election by a Lease.
     *
     * @param namespace namespace of the Lease
     * @param identity name of this process among its peers
     */
    public record Election(String namespace, String identity) {}
}
