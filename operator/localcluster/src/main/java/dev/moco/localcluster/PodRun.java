package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pod on a process node, from the first sight of it until its object is gone. */
final class PodRun {
    private static final Logger LOG = LoggerFactory.getLogger(PodRun.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final PodHost host;
    private final PodWriter writer;
    private final PodFolder folder;
    /** Its monitor guards the fields below, too. */
    private final PodContainers containers;

    private final Object writing = new Object();
    private @Nullable PodStatus written;
    private boolean deleteRequested;
    private boolean gone;
    private boolean sleeping;
    private int unwritten;

    PodRun(PodHost host, Pod pod) {
        this.host = host;
        writer = new PodWriter(host.client(), pod);
        folder = PodFolder.of(host, pod);
        containers = new PodContainers(host, pod, writer, folder, this::publish);
    }

    Pod pod() {
        return containers.pod();
    }

    /** Starts what is to be started. */
    void begin() {
        containers.begin();
    }

    /** Takes news of the pod's object. */
    void update(Pod newer) {
        synchronized (containers) {
            containers.update(newer);
            if (newer.getMetadata().getDeletionTimestamp() != null && !deleteRequested) {
                deleteRequested = true;
                Long grace = newer.getMetadata().getDeletionGracePeriodSeconds();
                containers.stop(Duration.ofSeconds(grace == null ? 30 : grace));
            }
        }
    }

    /** The pod's object is gone, and with it all that was the pod's. */
    void gone() {
        synchronized (containers) {
            gone = true;
            containers.kill();
            host.executor().execute(() -> sweep(folder.root()));
        }
    }

    private static void sweep(Path folder) {
        try {
            PrivateFiles.delete(folder);
        } catch (IOException e) {
            LOG.debug("cannot delete {}", folder, e);
        }
    }

    /** The node goes down: every process ends, and what ends for good says so. */
    void drain(Duration grace) {
        synchronized (containers) {
            if (containers.idle() || pod().getSpec().getRestartPolicy().equals("Always")) {
                sleeping = true; // goes on when the node does
                containers.stop(grace);
            } else {
                containers.disrupt(grace);
            }
        }
    }

    /** Ends all processes and says nothing of it. */
    void abandon() {
        synchronized (containers) {
            sleeping = true;
            containers.stop(Duration.ZERO);
        }
    }

    /** Whether nothing of it runs, and the API server knows all. */
    boolean settled() {
        synchronized (containers) {
            return containers.idle() && (sleeping || unwritten == 0);
        }
    }

    /** The log of a container, if it has one. */
    Optional<ContainerLog> log(String name, boolean previous) {
        synchronized (containers) {
            return containers
                    .named(name)
                    .map(run -> {
                        boolean begun = Files.exists(folder.log(name, run.restarts));
                        int restart = previous || !begun ? run.restarts - 1 : run.restarts;
                        return new ContainerLog(folder.log(name, restart), () -> writes(run, restart));
                    })
                    .filter(log -> Files.exists(log.file()));
        }
    }

    private boolean writes(ContainerRun run, int restart) {
        synchronized (containers) {
            return run.process != null && run.restarts == restart;
        }
    }

    /** Reports where the pod stands, until the API server has taken it. */
    private void publish() {
        unwritten++;
        host.executor().execute(this::write);
    }

    private void write() {
        synchronized (writing) {
            PodStatus status;
            boolean report;
            boolean delete;
            synchronized (containers) {
                if (gone || sleeping) {
                    return;
                }
                status = containers.status(Instant.now());
                // What is over stays as it was first told.
                report = !status.equals(written)
                        && !PodStatuses.terminal(containers.pod().getStatus().getPhase());
                delete = deleteRequested && containers.idle();
            }
            try {
                boolean there = !report || writer.status(status);
                if (there && delete) {
                    writer.delete();
                }
                if (report && PodStatuses.terminal(status.getPhase())) {
                    // Only its logs are of use from now on.
                    sweep(folder.volumes());
                }
                synchronized (containers) {
                    unwritten--;
                    written = status;
                }
            } catch (KubernetesClientException e) {
                LOG.debug("pod={} status not taken: {}", containers.name, e.getMessage());
                host.executor().later(RETRY, this::write);
            }
        }
    }
}
