package dev.moco.localcluster;

import dev.moco.localcluster.ContainerState.Terminated;
import dev.moco.localcluster.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The containers of a pod: their order, starts and restarts. Its monitor guards all state of the pod. */
final class PodContainers {
    private static final Logger LOG = LoggerFactory.getLogger(PodContainers.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration RETRY_CONFIGURATION = Duration.ofSeconds(5);

    /** Namespace and name of the pod. */
    final String name;

    private final NodeContext node;
    private final PodClient client;
    private final PodFolder folder;
    private final Runnable changed;
    private final PodStatuses statuses;
    private final List<ContainerRun> containers;
    private Pod pod;
    private boolean stopping;
    private boolean disrupted;

    /**
     * The containers in the state that was last reported.
     *
     * @param changed called, with the monitor held, when the status has changed
     */
    PodContainers(NodeContext node, Pod pod, PodClient client, PodFolder folder, Runnable changed) {
        this.node = node;
        this.pod = pod;
        name = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
        this.client = client;
        this.folder = folder;
        this.changed = changed;
        Instant now = Instant.now();
        String started = pod.getStatus().getStartTime();
        statuses = new PodStatuses(started == null ? now : Instant.parse(started));
        containers = ContainerRun.of(pod, now);
    }

    /** Starts the containers that should run. */
    synchronized void begin() {
        if (PodStatuses.terminal(pod.getStatus().getPhase())) {
            stopping = true; // the final status is reported already
            return;
        }
        // Containers that ran when the node went down are lost; those that may restart are started again.
        for (ContainerRun run : containers) {
            if (run.state instanceof Terminated) {
                boolean again = !stopping && run.restarts(pod.getSpec().getRestartPolicy());
                disrupted |= !again
                        && run.state instanceof Terminated end
                        && end.reason().endsWith("Unknown");
                if (again) {
                    scheduleRestart(run);
                }
            }
        }
        launch();
    }

    /** Replaces the pod's object by a newer version. */
    synchronized void update(Pod newer) {
        pod = newer;
    }

    synchronized Pod pod() {
        return pod;
    }

    /** Kills all containers; none is started again. */
    synchronized void kill() {
        stopping = true;
        containers.forEach(run -> {
            if (run.process != null) {
                run.process.kill();
            }
        });
    }

    /** Stops all containers for good and reports the pod as disrupted by the node. */
    synchronized void disrupt(Duration grace) {
        disrupted = true;
        stop(grace);
    }

    /** Stops all containers for good, and kills them after the grace period. */
    synchronized void stop(Duration grace) {
        boolean first = !stopping;
        stopping = true;
        for (ContainerRun run : containers) {
            RunningContainer process = run.process;
            if (process != null) {
                if (first) {
                    process.stop();
                }
                if (grace.isZero()) {
                    process.kill();
                } else {
                    later(grace, () -> {
                        if (!process.ended().isDone()) {
                            LOG.info("pod={} killed after {} s of grace", name, grace.toSeconds());
                            process.kill();
                        }
                    });
                }
            } else if (!(run.state instanceof Terminated)) {
                run.state = ContainerRun.lost("The pod was stopped before the container ran.", Instant.now());
            }
        }
        publish();
    }

    synchronized Optional<ContainerRun> named(String container) {
        return containers.stream().filter(run -> run.name().equals(container)).findFirst();
    }

    /** Returns whether no container runs. */
    synchronized boolean idle() {
        return containers.stream().noneMatch(run -> run.process != null);
    }

    synchronized PodStatus status(Instant now) {
        boolean over = idle() && (stopping || containers.stream().noneMatch(run -> run.state instanceof Waiting));
        return statuses.of(containers, over, disrupted, now);
    }

    private synchronized void launch() {
        if (stopping) {
            return;
        }
        try {
            PodProcesses processes = new PodProcesses(node, pod, client);
            for (ContainerRun run : containers) {
                if (run.state instanceof Terminated end && (end.exitCode() == 0 || !run.init)) {
                    continue;
                }
                if (run.state instanceof Waiting waiting && !waiting.reason().equals("CrashLoopBackOff")) {
                    start(run, processes);
                }
                if (run.init) {
                    break; // the next container starts when this one has succeeded
                }
            }
        } catch (ContainerNotStartable e) {
            hold(e.reason(), e.message(), RETRY_CONFIGURATION);
        } catch (IOException e) {
            hold("RunContainerError", String.valueOf(e.getMessage()), RETRY_CONFIGURATION);
        } catch (KubernetesClientException e) {
            hold("ContainerCreating", "", RETRY);
        }
        publish();
    }

    private void hold(String reason, String message, Duration retry) {
        for (ContainerRun run : containers) {
            if (run.state instanceof Waiting waiting && !waiting.reason().equals("CrashLoopBackOff")) {
                run.state = new Waiting(reason, message);
            }
        }
        later(retry, this::launch);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the executor logs faults
    private void start(ContainerRun run, PodProcesses processes) throws IOException, ContainerNotStartable {
        RunningContainer process = node.runtime()
                .start(processes, run.container, folder.log(run.name(), run.restarts), folder.termination(run.name()));
        run.started(process, Instant.now());
        LOG.info("pod={} container={} started as {}", name, run.name(), process.id());
        process.ended().thenAcceptAsync(end -> ended(run, process, end), node.executor());
        new ContainerProbes(this, run, process, node.executor()).start();
    }

    synchronized void unhealthy(ContainerRun run, RunningContainer process, String probe) {
        if (run.process == process && !stopping) {
            LOG.warn("pod={} container={} ended: its {} probe fails", name, run.name(), probe);
            run.probes.forEach(ProbeLoop::cancel);
            process.stop();
            Long grace = pod.getSpec().getTerminationGracePeriodSeconds();
            later(Duration.ofSeconds(grace == null ? 30 : grace), process::kill);
        }
    }

    private synchronized void ended(ContainerRun run, RunningContainer process, ContainerExit end) {
        if (run.process != process) {
            return;
        }
        run.ended(end, Instant.now());
        LOG.info("pod={} container={} ended with exit code {}", name, run.name(), end.exitCode());
        if (!stopping && run.restarts(pod.getSpec().getRestartPolicy())) {
            scheduleRestart(run);
        } else if (run.init && end.exitCode() == 0) {
            launch();
        } else if (run.init) {
            stopping = true; // the other containers never start
        }
        publish();
    }

    private void scheduleRestart(ContainerRun run) {
        Duration delay = run.backOff(name, node.restartBackOff());
        if (delay.isZero()) {
            restart(run);
        } else {
            later(delay, () -> restart(run));
        }
    }

    private synchronized void restart(ContainerRun run) {
        if (!stopping && run.state instanceof Waiting) {
            run.restarts++;
            run.state = new Waiting("ContainerCreating", "");
            launch();
        }
    }

    synchronized void publish() {
        changed.run();
    }

    private void later(Duration delay, Runnable action) {
        node.executor().later(delay, action);
    }
}
