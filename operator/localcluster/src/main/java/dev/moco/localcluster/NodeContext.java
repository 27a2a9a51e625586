package dev.moco.localcluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;

/**
 * Shared by all pods of a node.
 *
 * @param groups starts and ends the pods' processes
 * @param pods folder of the pods' folders
 * @param cache folder that all containers share
 * @param restartBackOff delay before the second restart of a container, doubled for each after that
 */
record NodeContext(
        KubernetesClient client,
        NodeExecutor executor,
        ProcessGroups groups,
        Path pods,
        Path cache,
        Images images,
        ContainerRuntime runtime,
        Duration restartBackOff) {}
