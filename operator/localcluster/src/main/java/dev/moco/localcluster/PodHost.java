package dev.moco.localcluster;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a node has for its pods.
 *
 * @param pods folder of the pods' folders
 * @param cache what pods share
 * @param fakes pods that run no process; the first that fits counts
 * @param restartBackOff wait before the second restart of a container, doubled for each after that
 */
record PodHost(
        KubernetesClient client,
        NodeExecutor executor,
        ProcessGuard guard,
        Path pods,
        Path cache,
        Images images,
        List<FakeContainer.Fake> fakes,
        Duration restartBackOff) {}
