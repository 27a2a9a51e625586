package dev.moco.localcluster;

import dev.moco.contract.local.LocalKubeconfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files of a cluster, below one private folder.
 *
 * @param root the folder, {@code .moco/cluster} by default
 */
public record ClusterFolder(Path root) {
    /** Default of {@code --dir}. */
    public static final String DEFAULT = LocalKubeconfig.FOLDER;

    public ClusterFolder {
        root = root.toAbsolutePath().normalize();
    }

    /** Creates the folder unless it exists. */
    ClusterFolder create() throws IOException {
        PrivateFiles.folder(root);
        Files.createDirectories(logs());
        return this;
    }

    /** The kubeconfig of an administrator. */
    public Path kubeconfig() {
        return root.resolve(LocalKubeconfig.NAME);
    }

    /** The kubeconfig of one of the cluster's own programs. */
    Path kubeconfig(String user) {
        return root.resolve(user + ".kubeconfig");
    }

    Path certificates() {
        return root.resolve("certs");
    }

    Path certificate(String name) {
        return certificates().resolve(name + ".crt");
    }

    Path key(String name) {
        return certificates().resolve(name + ".key");
    }

    Path etcd() {
        return root.resolve("etcd");
    }

    Path tokens() {
        return root.resolve("tokens.csv");
    }

    Path port() {
        return root.resolve("port");
    }

    /** Audit log of the API server. */
    public Path auditLog() {
        return root.resolve("audit.log");
    }

    Path auditPolicy() {
        return root.resolve("audit-policy.yaml");
    }

    /** Logs of the control plane's programs. */
    public Path logs() {
        return root.resolve("log");
    }

    Path log(String program) {
        return logs().resolve(program + ".log");
    }

    /** Pods of a process node. */
    public Path node(String name) {
        return root.resolve("nodes").resolve(name);
    }

    /** Objects of the embedded S3. */
    Path store() {
        return root.resolve("s3");
    }

    Path storeAccess() {
        return root.resolve("s3.properties");
    }

    /** Variables that configure an operator for the cluster's store. */
    public Path operatorEnvironment() {
        return root.resolve("operator.env");
    }

    /** A folder for {@code PATH}, with {@code kubectl} and {@code moco}. */
    public Path programs() {
        return root.resolve("bin");
    }
}
