package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Container;
import java.io.IOException;
import java.nio.file.Path;

/** Starts the containers of a node's pods. */
interface ContainerRuntime {
    /** Runs containers as processes of this machine. */
    ContainerRuntime PROCESSES = PodProcesses::start;

    /**
     * Starts a container of a pod.
     *
     * @param log file for its output
     * @param termination file for its termination message
     */
    RunningContainer start(PodProcesses pod, Container container, Path log, Path termination)
            throws IOException, ContainerNotStartable;
}
