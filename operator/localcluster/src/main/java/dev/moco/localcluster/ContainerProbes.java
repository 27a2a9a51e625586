package dev.moco.localcluster;

import dev.moco.localcluster.ContainerState.Running;
import io.fabric8.kubernetes.api.model.Container;
import java.util.concurrent.ScheduledExecutorService;

/** Probes of a running container: startup first, then readiness and liveness, as a kubelet does. */
final class ContainerProbes {
    private final PodContainers pod;
    private final ContainerRun run;
    private final RunningContainer process;
    private final Container container;
    private final ScheduledExecutorService executor;

    /**
     * Probes, yet to be started.
     *
     * @param pod receives the results; its monitor guards the run
     */
    ContainerProbes(PodContainers pod, ContainerRun run, RunningContainer process, ScheduledExecutorService executor) {
        this.pod = pod;
        this.run = run;
        this.process = process;
        this.executor = executor;
        container = run.container;
    }

    void start() {
        if (container.getStartupProbe() == null) {
            started();
            return;
        }
        ProbeLoop[] startup = new ProbeLoop[1];
        startup[0] = new ProbeLoop(container.getStartupProbe(), container, executor, up -> {
            synchronized (pod) {
                if (run.process == process && up) {
                    startup[0].cancel();
                    run.probed(true, container.getReadinessProbe() == null);
                    pod.publish();
                    started();
                } else if (run.process == process) {
                    pod.unhealthy(run, process, "startup");
                }
            }
        });
        run.probes.add(startup[0]);
    }

    private void started() {
        if (container.getReadinessProbe() != null) {
            run.probes.add(new ProbeLoop(container.getReadinessProbe(), container, executor, ready -> {
                synchronized (pod) {
                    if (run.process == process && run.state instanceof Running running && running.ready() != ready) {
                        run.probed(true, ready);
                        pod.publish();
                    }
                }
            }));
        }
        if (container.getLivenessProbe() != null) {
            run.probes.add(new ProbeLoop(container.getLivenessProbe(), container, executor, alive -> {
                if (!alive) {
                    pod.unhealthy(run, process, "liveness");
                }
            }));
        }
    }
}
