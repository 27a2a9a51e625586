package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;

/** What a node keeps of one pod. */
record PodFolder(Path root) {
    static PodFolder of(PodHost host, Pod pod) {
        return new PodFolder(host.pods().resolve(pod.getMetadata().getUid()));
    }

    Path volumes() {
        return root.resolve("volumes");
    }

    /** Output of a container between two of its restarts. */
    Path log(String container, int restart) {
        return root.resolve("logs").resolve(container + "-" + restart + ".log");
    }

    /** Where a container leaves its termination message. */
    Path termination(String container) {
        return root.resolve("termination").resolve(container);
    }
}
