package dev.moco.operator.cli;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.operator.cluster.ClusterFolder;
import dev.moco.operator.cluster.ClusterProgram;
import dev.moco.operator.cluster.DetachedCluster;
import dev.moco.operator.cluster.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code moco cluster}: a Kubernetes on this machine. */
@Command(
        name = "cluster",
        mixinStandardHelpOptions = true,
        description = "A real Kubernetes on this machine, on loopback alone, whose pods are processes; its first start"
                + " builds it with Go.")
final class ClusterCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "no command given; commands are: up, down, kubeconfig");
    }

    @Command(
            name = "up",
            mixinStandardHelpOptions = true,
            description = "Starts the cluster, with what an earlier one kept: control plane, a node, an S3 with the"
                    + " bucket moco, and the Secret moco-s3 in namespace default.")
    int up(
            @Option(
                            names = "--dir",
                            paramLabel = "DIR",
                            defaultValue = ClusterFolder.DEFAULT,
                            description = "Everything that it keeps. Default: ${DEFAULT-VALUE}")
                    Path dir,
            @Option(
                            names = "--gpus",
                            paramLabel = "N",
                            defaultValue = "0",
                            description = "GPUs that the node offers, whether the machine has them or not."
                                    + " Default: ${DEFAULT-VALUE}")
                    int gpus)
            throws IOException, InterruptedException {
        if (gpus < 0) {
            throw new ParameterException(spec.commandLine(), "--gpus must be 0 or more, found " + gpus);
        }
        ClusterFolder folder = new ClusterFolder(dir);
        DetachedCluster cluster = new DetachedCluster(folder);
        if (cluster.up()) {
            System.out.println("The cluster is up already, as it was started; its folder is " + folder.root());
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
                    Main.class.getName(),
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
        System.out.println("Once, for the operator; then an experiment, and what it does:");
        System.out.println();
        System.out.println("  kubectl apply -k " + home().resolve("manifests/overlays/local"));
        System.out.println("  kubectl apply -f " + home().resolve("pipelines/quickstart/experiment.yaml"));
        System.out.println("  kubectl get mocoexperiments -w");
        return ExitCode.DONE;
    }

    @Command(
            name = "down",
            mixinStandardHelpOptions = true,
            description =
                    "Stops the cluster; stages that run save a checkpoint. What it keeps is there at the next up.")
    int down(
            @Option(
                            names = "--dir",
                            paramLabel = "DIR",
                            defaultValue = ClusterFolder.DEFAULT,
                            description = "The cluster's folder. Default: ${DEFAULT-VALUE}")
                    Path dir,
            @Option(names = "--delete", description = "Deletes all that it keeps: objects, artifacts, logs.")
                    boolean delete)
            throws IOException, InterruptedException {
        ClusterFolder folder = new ClusterFolder(dir);
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
            description = "Says where the cluster's kubeconfig is: export KUBECONFIG=$(moco cluster kubeconfig)")
    int kubeconfig(
            @Option(
                            names = "--dir",
                            paramLabel = "DIR",
                            defaultValue = ClusterFolder.DEFAULT,
                            description = "The cluster's folder. Default: ${DEFAULT-VALUE}")
                    Path dir) {
        ClusterFolder folder = new ClusterFolder(dir);
        if (!Files.exists(folder.kubeconfig())) {
            throw StageFailure.badConfig("no cluster in " + folder.root() + "; `moco cluster up` starts one");
        }
        System.out.println(folder.kubeconfig());
        return ExitCode.DONE;
    }

    @Command(name = "serve", hidden = true, description = "What up leaves running.")
    int serve(
            @Option(names = "--dir", required = true) Path dir, @Option(names = "--gpus", defaultValue = "0") int gpus)
            throws IOException, InterruptedException {
        LocalCluster.serve(new ClusterProgram(home()).build(System.err), new ClusterFolder(dir), home(), gpus);
        return ExitCode.DONE;
    }

    private static Path home() {
        return RunCommand.home().toAbsolutePath().normalize();
    }
}
