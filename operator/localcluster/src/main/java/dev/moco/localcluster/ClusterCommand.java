package dev.moco.localcluster;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.contract.local.Program;
import dev.moco.contract.local.Subcommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code moco cluster}: starts and stops a Kubernetes cluster on this machine. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description = "A real Kubernetes control plane on this machine, reachable over loopback only, with a node that"
                + " runs pods as processes. The first start builds it with Go.")
public final class ClusterCommand implements Subcommand, Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    /** The option {@code --dir}. */
    static final class FolderOption {
        @Option(
                names = "--dir",
                paramLabel = "DIR",
                defaultValue = ClusterFolder.DEFAULT,
                description = "Folder of the cluster's files. Default: ${DEFAULT-VALUE}")
        @SuppressWarnings("NullAway.Init") // set by picocli
        private Path dir;

        ClusterFolder folder() {
            return new ClusterFolder(dir);
        }
    }

    @Override
    public void run() {
        throw Program.noCommand(spec);
    }

    @Command(
            name = "up",
            mixinStandardHelpOptions = true,
            description =
                    "Starts the cluster with its earlier state: a control plane, a node, an S3 server with the bucket"
                            + " moco, and the Secret moco-s3 in namespace default.")
    int up(
            @Mixin FolderOption dir,
            @Option(
                            names = "--gpus",
                            paramLabel = "N",
                            defaultValue = "0",
                            description = "Number of GPUs that the node offers, whether the machine has them or not."
                                    + " Default: ${DEFAULT-VALUE}")
                    int gpus)
            throws IOException, InterruptedException {
        if (gpus < 0) {
            throw new ParameterException(spec.commandLine(), "--gpus must be 0 or more, found " + gpus);
        }
        ClusterFolder folder = dir.folder();
        DetachedCluster cluster = new DetachedCluster(folder);
        if (cluster.up()) {
            System.out.println("The cluster is up already; its folder is " + folder.root());
        } else {
            new ClusterProgram(home()).build(System.err);
            Instant start = Instant.now();
            cluster.start(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx384m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dmoco.home=" + home(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    spec.root().userObject().getClass().getName(),
                    "cluster",
                    "serve",
                    "--dir",
                    folder.root().toString(),
                    "--gpus",
                    Integer.toString(gpus)));
            System.out.printf(
                    Locale.ROOT,
                    "The cluster is up after %.1f s; its folder is %s%n",
                    Duration.between(start, Instant.now()).toMillis() / 1000.0,
                    folder.root());
        }
        System.out.println();
        System.out.println("  export KUBECONFIG=" + folder.kubeconfig());
        System.out.println("  export PATH=" + folder.programs() + ":$PATH     # kubectl, moco, kubectl moco");
        System.out.println();
        System.out.println("Install the operator once, then run an experiment and watch it:");
        System.out.println();
        System.out.println("  kubectl apply -k " + home().resolve("manifests/overlays/local"));
        System.out.println("  kubectl apply -f " + home().resolve("pipelines/quickstart/experiment.yaml"));
        System.out.println("  kubectl get mocoexperiments -w");
        return ExitCode.DONE;
    }

    @Command(
            name = "down",
            mixinStandardHelpOptions = true,
            description = "Stops the cluster; running stages save a checkpoint. Its state is kept for the next start.")
    int down(
            @Mixin FolderOption dir,
            @Option(names = "--delete", description = "Delete the cluster's folder, too: objects, artifacts, logs.")
                    boolean delete)
            throws IOException, InterruptedException {
        ClusterFolder folder = dir.folder();
        DetachedCluster cluster = new DetachedCluster(folder);
        System.out.println(cluster.stop() ? "The cluster is down" : "The cluster was not up");
        if (delete) {
            cluster.delete();
            System.out.println("Deleted " + folder.root());
        }
        return ExitCode.DONE;
    }

    @Command(
            name = "kubeconfig",
            mixinStandardHelpOptions = true,
            description = "Prints the path of the cluster's kubeconfig: export KUBECONFIG=$(moco cluster kubeconfig)")
    int kubeconfig(@Mixin FolderOption dir) {
        ClusterFolder folder = dir.folder();
        if (!Files.exists(folder.kubeconfig())) {
            throw StageFailure.badConfig("no cluster in " + folder.root() + "; `moco cluster up` starts one");
        }
        System.out.println(folder.kubeconfig());
        return ExitCode.DONE;
    }

    @Command(name = "serve", hidden = true, description = "Runs the cluster in the foreground.")
    int serve(@Mixin FolderOption dir, @Option(names = "--gpus", defaultValue = "0") int gpus)
            throws IOException, InterruptedException {
        LocalCluster.serve(new ClusterProgram(home()).build(System.err), dir.folder(), home(), gpus);
        return ExitCode.DONE;
    }

    /** Folder of the launcher: a checkout or a release. */
    static Path home() {
        return Path.of(System.getProperty("moco.home", ".")).toAbsolutePath().normalize();
    }
}
