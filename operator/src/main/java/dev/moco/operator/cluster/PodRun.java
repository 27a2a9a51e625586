package dev.moco.operator.cluster;

import dev.moco.operator.cluster.ContainerState.Running;
import dev.moco.operator.cluster.ContainerState.Terminated;
import dev.moco.operator.cluster.ContainerState.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One pod on a process node, from the first sight of it until its object is gone. */
final class PodRun {
    private static final Logger LOG = LoggerFactory.getLogger(PodRun.class);
    private static final Duration RETRY = Duration.ofSeconds(1);
    private static final Duration RETRY_CONFIGURATION = Duration.ofSeconds(5);

    private final PodHost host;
    private final PodWriter writer;
    private final PodStatuses statuses;
    private final List<ContainerRun> containers = new ArrayList<>();
    private final Object writing = new Object();
    private Pod pod;
    private @Nullable PodStatus written;
    private boolean stopping;
    private boolean disrupted;
    private boolean deleteRequested;
    private boolean gone;
    private boolean sleeping;
    private int unwritten;

    PodRun(PodHost host, Pod pod) {
        this.host = host;
        this.pod = pod;
        writer = new PodWriter(host.client(), pod);
        Instant now = Instant.now();
        String started = pod.getStatus().getStartTime();
        statuses = new PodStatuses(started == null ? now : Instant.parse(started));
        for (Container container : pod.getSpec().getInitContainers()) {
            containers.add(new ContainerRun(container, true));
        }
        for (Container container : pod.getSpec().getContainers()) {
            containers.add(new ContainerRun(container, false));
        }
        List<ContainerStatus> reported = new ArrayList<>(pod.getStatus().getInitContainerStatuses());
        reported.addAll(pod.getStatus().getContainerStatuses());
        for (ContainerRun run : containers) {
            reported.stream()
                    .filter(status -> status.getName().equals(run.container.getName()))
                    .findFirst()
                    .ifPresent(status -> run.recover(status, now));
        }
    }

    synchronized Pod pod() {
        return pod;
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
                boolean again = !stopping && restarts(run);
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
        if (newer.getMetadata().getDeletionTimestamp() != null && !deleteRequested) {
            deleteRequested = true;
            Long grace = newer.getMetadata().getDeletionGracePeriodSeconds();
            stop(Duration.ofSeconds(grace == null ? 30 : grace));
        }
    }

    /** The pod's object is gone, and with it all that was the pod's. */
    synchronized void gone() {
        gone = true;
        stopping = true;
        containers.forEach(run -> {
            if (run.process != null) {
                run.process.kill();
            }
        });
        host.executor().execute(() -> sweep(folder()));
    }

    private static void sweep(Path folder) {
        try {
            PrivateFiles.delete(folder);
        } catch (IOException e) {
            LOG.debug("cannot delete {}", folder, e);
        }
    }

    /** The node goes down: every process ends, and what ends for good says so. */
    synchronized void drain(Duration grace) {
        if (idle() || pod.getSpec().getRestartPolicy().equals("Always")) {
            sleeping = true; // goes on when the node does
        } else {
            disrupted = true;
        }
        stop(grace);
    }

    /** Ends all processes and says nothing of it. */
    synchronized void abandon() {
        sleeping = true;
        stop(Duration.ZERO);
    }

    private void stop(Duration grace) {
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
                            LOG.info("pod={} killed after {} s of grace", name(), grace.toSeconds());
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

    /** Whether nothing of it runs, and the API server knows all. */
    synchronized boolean settled() {
        return idle() && (sleeping || unwritten == 0);
    }

    private boolean idle() {
        return containers.stream().noneMatch(run -> run.process != null);
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
        } catch (PodNotStartable e) {
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
    private void start(ContainerRun run, PodProcesses processes) throws IOException, PodNotStartable {
        RunningContainer process = processes.start(run.container, log(run), termination(run));
        run.started(process, Instant.now());
        LOG.info("pod={} container={} started as {}", name(), run.container.getName(), process.id());
        process.ended().thenAcceptAsync(end -> ended(run, process, end), host.executor());
        probe(run, process);
    }

    private void probe(ContainerRun run, RunningContainer process) {
        Container container = run.container;
        if (container.getStartupProbe() == null) {
            probeStarted(run, process);
            return;
        }
        ProbeLoop[] startup = new ProbeLoop[1];
        startup[0] = new ProbeLoop(container.getStartupProbe(), container, host.executor(), up -> {
            synchronized (this) {
                if (run.process == process && up) {
                    startup[0].cancel();
                    run.probed(true, container.getReadinessProbe() == null);
                    publish();
                    probeStarted(run, process);
                } else if (run.process == process) {
                    unhealthy(run, process, "startup");
                }
            }
        });
        run.probes.add(startup[0]);
    }

    private void probeStarted(ContainerRun run, RunningContainer process) {
        Container container = run.container;
        if (container.getReadinessProbe() != null) {
            run.probes.add(new ProbeLoop(container.getReadinessProbe(), container, host.executor(), ready -> {
                synchronized (this) {
                    if (run.process == process && run.state instanceof Running running && running.ready() != ready) {
                        run.probed(true, ready);
                        publish();
                    }
                }
            }));
        }
        if (container.getLivenessProbe() != null) {
            run.probes.add(new ProbeLoop(container.getLivenessProbe(), container, host.executor(), alive -> {
                if (!alive) {
                    unhealthy(run, process, "liveness");
                }
            }));
        }
    }

    private synchronized void unhealthy(ContainerRun run, RunningContainer process, String probe) {
        if (run.process == process && !stopping) {
            LOG.warn("pod={} container={} ended: its {} probe fails", name(), run.container.getName(), probe);
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
        LOG.info("pod={} container={} ended with exit code {}", name(), run.container.getName(), end.exitCode());
        if (!stopping && restarts(run)) {
            scheduleRestart(run);
        } else if (run.init && end.exitCode() == 0) {
            launch();
        } else if (run.init) {
            stopping = true; // the others never get their turn
        }
        publish();
    }

    private boolean restarts(ContainerRun run) {
        boolean failed = run.state instanceof Terminated end && end.exitCode() != 0;
        return switch (pod.getSpec().getRestartPolicy()) {
            case "Always" -> failed || !run.init;
            case "OnFailure" -> failed;
            default -> false;
        };
    }

    private void scheduleRestart(ContainerRun run) {
        Duration delay = run.backOff(name(), host.restartBackOff());
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
            synchronized (this) {
                if (gone || sleeping) {
                    return;
                }
                boolean over =
                        idle() && (stopping || containers.stream().noneMatch(run -> run.state instanceof Waiting));
                status = statuses.of(containers, over, disrupted, Instant.now());
                // What is over stays as it was first told.
                report = !status.equals(written)
                        && !PodStatuses.terminal(pod.getStatus().getPhase());
                delete = deleteRequested && idle();
            }
            try {
                boolean there = !report || writer.status(status);
                if (there && delete) {
                    writer.delete();
                }
                if (report && PodStatuses.terminal(status.getPhase())) {
                    // Only its logs are of use from now on.
                    sweep(folder().resolve("volumes"));
                }
                synchronized (this) {
                    unwritten--;
                    written = status;
                }
            } catch (KubernetesClientException e) {
                LOG.debug("pod={} status not taken: {}", name(), e.getMessage());
                later(RETRY, this::write);
            }
        }
    }

    private void later(Duration delay, Runnable action) {
        host.executor().later(delay, action);
    }

    private String name() {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }

    private Path folder() {
        return host.pods().resolve(pod.getMetadata().getUid());
    }

    private Path log(ContainerRun run) {
        return log(run.container.getName(), run.restarts);
    }

    private Path log(String container, int restart) {
        return folder().resolve("logs").resolve(container + "-" + restart + ".log");
    }

    private Path termination(ContainerRun run) {
        return folder().resolve("termination").resolve(run.container.getName());
    }

    /** The log of a container, if it has one. */
    synchronized Optional<ContainerLog> log(String name, boolean previous) {
        return containers.stream()
                .filter(run -> run.container.getName().equals(name))
                .findFirst()
                .map(run -> {
                    Predicate<Integer> exists = restart -> Files.exists(log(name, restart));
                    int now = exists.test(run.restarts) ? run.restarts : run.restarts - 1;
                    int restart = previous ? run.restarts - 1 : now;
                    return new ContainerLog(log(name, restart), () -> writes(run, restart));
                })
                .filter(log -> Files.exists(log.file()));
    }

    private synchronized boolean writes(ContainerRun run, int restart) {
        return run.process != null && run.restarts == restart;
    }
}
