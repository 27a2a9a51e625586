package dev.moco.operator.reconcile;

import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether this process is the one that acts, and how it stops being that. */
final class Leadership {
    static final String LEASE = "moco-operator";
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    private final OperatorSettings.Election election;
    private final OperatorMetrics metrics;
    private final Runnable lost;
    private volatile boolean stopping;

    /** {@code lost} ends the process: its successor acts already. */
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
                // Without the SDK's own exit, which never returns from within a shutdown hook.
                .build();
    }

    private void won() {
        metrics.leads(true);
        LOG.info("leader={} acts from now on", election.identity());
    }

    private void ended() {
        metrics.leads(false);
        if (!stopping) {
            LOG.error("leader={} has lost the lease {}/{}", election.identity(), election.namespace(), LEASE);
            lost.run();
        }
    }

    /** From now on it is no surprise that the lease ends. */
    void stopping() {
        stopping = true;
    }

    /** Leaves the lease to whoever waits for it, which else would take its whole duration. */
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
                LOG.info("leader={} has released the lease", election.identity());
            }
        } catch (KubernetesClientException e) {
            LOG.warn("the lease was not released, and runs out: {}", e.getMessage());
        }
    }

    static Optional<Leadership> of(OperatorSettings settings, OperatorMetrics metrics, Runnable lost) {
        return settings.election().map(election -> new Leadership(election, metrics, lost));
    }
}
