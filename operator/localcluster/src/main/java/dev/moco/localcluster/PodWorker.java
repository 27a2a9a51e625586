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

/** Runs one pod of a process node until the pod's object is deleted. */
final class PodWorker {
    private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);
    private static final Duration RETRY = Duration.ofSeconds(1);

    private final NodeContext node;
    private final PodClient client;
    private final PodFolder folder;
    /** Its monitor guards the fields below, too. */
    private final PodContainers containers;

    private final Object writing = new Object();
    private @Nullable PodStatus written;
    private boolean deleteRequested;
    private boolean deleted;
    private boolean nodeDown;
    private int unwritten;

    PodWorker(NodeContext node, Pod pod) {
        this.node = node;
        client = new PodClient(node.client(), pod);
        folder = PodFolder.of(node, pod);
        containers = new PodContainers(node, pod, client, folder, this::publish);
    }

    Pod pod() {
        return containers.pod();
    }

    /** Starts the containers that should run. */
    void begin() {
        containers.begin();
    }

    /** Replaces the pod's object by a newer version; a deletion stops the containers. */
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

    /** Kills the containers and deletes the pod's files, since its object is deleted. */
    void deleted() {
        synchronized (containers) {
            deleted = true;
            containers.kill();
            node.executor().execute(() -> sweep(folder.root()));
        }
    }

    private static void sweep(Path folder) {
        try {
            PrivateFiles.delete(folder);
        } catch (IOException e) {
            LOG.debug("cannot delete {}", folder, e);
        }
    }

    /** Stops the pod because the node goes down; a pod that will not restart is reported as disrupted. */
    void drain(Duration grace) {
        synchronized (containers) {
            if (containers.idle() || pod().getSpec().getRestartPolicy().equals("Always")) {
                nodeDown = true; // continues when the node does
                containers.stop(grace);
            } else {
                containers.disrupt(grace);
            }
        }
    }

    /** Kills the containers and reports nothing. */
    void abandon() {
        synchronized (containers) {
            nodeDown = true;
            containers.stop(Duration.ZERO);
        }
    }

    /** Returns whether no container runs and every status is written. */
    boolean settled() {
        synchronized (containers) {
            return containers.idle() && (nodeDown || unwritten == 0);
        }
    }

    /** Log of a container, if there is one. */
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

    /** Writes the pod's status, repeatedly until the API server accepts it. */
    private void publish() {
        unwritten++;
        node.executor().execute(this::write);
    }

    private void write() {
        synchronized (writing) {
            PodStatus status;
            boolean report;
            boolean delete;
            synchronized (containers) {
                if (deleted || nodeDown) {
                    return;
                }
                status = containers.status(Instant.now());
                // A final status is never changed.
                report = !status.equals(written)
                        && !PodStatuses.terminal(containers.pod().getStatus().getPhase());
                delete = deleteRequested && containers.idle();
            }
            try {
                boolean exists = !report || client.status(status);
                if (exists && delete) {
                    client.delete();
                }
                if (report && PodStatuses.terminal(status.getPhase())) {
                    // Only the logs are needed from now on.
                    sweep(folder.volumes());
                }
                synchronized (containers) {
                    unwritten--;
                    written = status;
                }
            } catch (KubernetesClientException e) {
                LOG.debug("pod={} status not accepted: {}", containers.name, e.getMessage());
                node.executor().later(RETRY, this::write);
            }
        }
    }
}
