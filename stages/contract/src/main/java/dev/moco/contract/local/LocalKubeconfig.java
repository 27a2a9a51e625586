package dev.moco.contract.local;

import java.nio.file.Path;

/** Kubeconfig of the local cluster, which commands use where nothing else names a cluster. */
public final class LocalKubeconfig {
    /** Folder of the local cluster below the working folder, unless {@code --dir} names another. */
    public static final String FOLDER = ".moco/cluster";

    /** Name of the kubeconfig in the cluster's folder. */
    public static final String NAME = "kubeconfig";

    private LocalKubeconfig() {}

    /** The default place, whether or not a cluster is there. */
    public static Path path() {
        return Path.of(FOLDER, NAME).toAbsolutePath().normalize();
    }
}
