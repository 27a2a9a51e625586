package dev.moco.operator.server;

import dev.moco.operator.metrics.OperatorMetrics;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leader election of this process by a Lease. */
final class Leadership {
    static final String LEASE = "moco-operator";
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    private final OperatorSettings.Election election;
    private final OperatorMetrics metrics;
    private final Runnable lost;
    private volatile boolean stopping;

    /** {@code lost} ends the process, since another one acts already. */
    Leadership(OperatorSettings.Election election, OperatorMetrics metrics, Runnable lost) {
        this.election = election;
        this.metrics = metrics;
        this.lost = lost;
    }

    LeaderElectionConfiguration configuration() {
        return LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(LEASE)
                .withLeaseNamespace(election.namespace())
                .withIdentity(election.identity())
                .withLeaderCallbacks(new LeaderCallbacks(this::won, this::ended, leader -> {}))
                // Since version 5.3 the SDK never exits the process itself; ended() does so when the lease is lost.
                .build();
    }

    private void won() {
        metrics.leads(true);
        LOG.info("leader={} acquired the lease", election.identity());
    }

    private void ended() {
        metrics.leads(false);
        if (!stopping) {
            LOG.error("leader={} lost the lease {}/{}", election.identity(), election.namespace(), LEASE);
            lost.run();
        }
    }

    /** Marks the end of the lease as intended. */
    void stopping() {
        stopping = true;
    }

    /** Releases the lease, so that the next leader need not wait for it to expire. */
    void release(KubernetesClient client) {
        try {
            Lease lease = client.leases()
                    .inNamespace(election.namespace())
                    .withName(LEASE)
                    .get();
            if (lease != null
                    && lease.getSpec() != null
                    && election.identity().equals(lease.getSpec().getHolderIdentity())) {
                lease.getSpec().setHolderIdentity("");
                lease.getSpec().setLeaseDurationSeconds(1);
                client.resource(lease).update();
                LOG.info("leader={} released the lease", election.identity());
            }
        } catch (KubernetesClientException e) {
            LOG.warn("the lease was not released and will expire: {}", e.getMessage());
        }
    }

    static Optional<Leadership> of(OperatorSettings settings, OperatorMetrics metrics, Runnable lost) {
        return settings.election().map(election -> new Leadership(election, metrics, lost));
    }
}
