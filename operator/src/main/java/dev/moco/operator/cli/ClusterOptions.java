package dev.moco.operator.cli;

import dev.moco.operator.client.Target;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of every command about a cluster, spelled as in kubectl. */
final class ClusterOptions {
    @Option(
            names = {"-n", "--namespace"},
            paramLabel = "NS",
            description = "Namespace. Default: the context's.")
    @Nullable
    String namespace;

    @Option(names = "--context", paramLabel = "NAME", description = "Context. Default: the kubeconfig's current one.")
    @Nullable
    String context;

    @Option(
            names = "--kubeconfig",
            paramLabel = "FILE",
            description =
                    "Where clusters are named. Default: $KUBECONFIG, ~/.kube/config, or that of `moco cluster up`.")
    @Nullable
    Path kubeconfig;

    Target target() {
        return new Target(kubeconfig, context, namespace);
    }

    /** True if any option was given, so that the command is about a cluster. */
    boolean given() {
        return namespace != null || context != null || kubeconfig != null;
    }
}
