package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;

/** Files of one pod on a node. */
record PodFolder(Path root) {
    static PodFolder of(NodeContext node, Pod pod) {
        return new PodFolder(node.pods().resolve(pod.getMetadata().getUid()));
    }

    Path volumes() {
        return root.resolve("volumes");
    }

    /** Log of a container after a number of restarts. */
    Path log(String container, int restart) {
        return root.resolve("logs").resolve(container + "-" + restart + ".log");
    }

    /** File for the termination message of a container. */
    Path termination(String container) {
        return root.resolve("termination").resolve(container);
    }
}
