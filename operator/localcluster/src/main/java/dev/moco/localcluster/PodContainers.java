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

/** The containers of a pod: what of them starts when, and starts again; its monitor guards all of the pod. */
final class PodContainers {
    private static final Logger LOG = LoggerFactory.getLogger(PodContainers.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration RETRY_CONFIGURATION = Duration.ofSeconds(5);

    /** Namespace and name. */
    final String name;

    private final PodHost host;
    private final PodWriter writer;
    private final PodFolder folder;
    private final Runnable changed;
    private final PodStatuses statuses;
    private final List<ContainerRun> containers;
    private Pod pod;
    private boolean stopping;
    private boolean disrupted;

    /**
     * The containers as they were last reported.
     *
     * @param changed called with the monitor held when there is something to report
     */
    PodContainers(PodHost host, Pod pod, PodWriter writer, PodFolder folder, Runnable changed) {
        this.host = host;
        this.pod = pod;
        name = pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
        this.writer = writer;
        this.folder = folder;
        this.changed = changed;
        Instant now = Instant.now();
        String started = pod.getStatus().getStartTime();
        statuses = new PodStatuses(started == null ? now : Instant.parse(started));
        containers = ContainerRun.of(pod, now);
    }

    /** Starts what is to be started. */
    synchronized void begin() {
        if (PodStatuses.terminal(pod.getStatus().getPhase())) {
            stopping = true; // all is said
            return;
        }
        // What ran when the node went down is lost; what may be started again is.
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

    /** Takes news of the pod's object. */
    synchronized void update(Pod newer) {
        pod = newer;
    }

    synchronized Pod pod() {
        return pod;
    }

    /** Ends all at once, and for good. */
    synchronized void kill() {
        stopping = true;
        containers.forEach(run -> {
            if (run.process != null) {
                run.process.kill();
            }
        });
    }

    /** Ends all for good, and says that the node did it. */
    synchronized void disrupt(Duration grace) {
        disrupted = true;
        stop(grace);
    }

    /** Ends all for good, by force after the grace. */
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

    /** Whether nothing runs. */
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
            PodProcesses processes = new PodProcesses(host, pod, writer);
            for (ContainerRun run : containers) {
                if (run.state instanceof Terminated end && (end.exitCode() == 0 || !run.init)) {
                    continue;
                }
                if (run.state instanceof Waiting waiting && !waiting.reason().equals("CrashLoopBackOff")) {
                    start(run, processes);
                }
                if (run.init) {
                    break; // the next one's turn comes when this one is done
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
        RunningContainer process =
                processes.start(run.container, folder.log(run.name(), run.restarts), folder.termination(run.name()));
        run.started(process, Instant.now());
        LOG.info("pod={} container={} started as {}", name, run.name(), process.id());
        process.ended().thenAcceptAsync(end -> ended(run, process, end), host.executor());
        new ContainerProbes(this, run, process, host.executor()).start();
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

    private synchronized void ended(ContainerRun run, RunningContainer process, Ended end) {
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
            stopping = true; // the others never get their turn
        }
        publish();
    }

    private void scheduleRestart(ContainerRun run) {
        Duration delay = run.backOff(name, host.restartBackOff());
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
        host.executor().later(delay, action);
    }
}
