package dev.moco.operator.server;

import dev.moco.operator.jobs.OperatorConfig;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * How one operator process runs.
 *
 * @param config what every Job takes in
 * @param namespaces that are watched; empty is all
 * @param election whether several processes agree on one that acts
 * @param health where {@code /healthz} and {@code /readyz} are answered; empty is nowhere
 * @param metrics where {@code /metrics} is; empty is nowhere
 * @param progressInterval between two looks at the progress of a stage, while few run
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
     * An election by a Lease.
     *
     * @param namespace the Lease's
     * @param identity this process, among its peers
     */
    public record Election(String namespace, String identity) {}
}
