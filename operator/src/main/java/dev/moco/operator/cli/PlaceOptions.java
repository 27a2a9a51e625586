package dev.moco.operator.cli;

import dev.moco.contract.StageFailure;
import dev.moco.operator.client.ClusterClient;
import dev.moco.operator.client.ClusterExperiments;
import dev.moco.operator.client.LocalExperiments;
import dev.moco.operator.client.StoreChoice;
import dev.moco.operator.client.StoredExperiments;
import dev.moco.operator.client.Target;
import dev.moco.operator.local.WorkFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * Options of commands about experiments of a cluster, a work folder or a bucket. Without any of them it is the cluster if one is
 * configured, else the work folder.
 */
final class PlaceOptions {
    @Spec(Spec.Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec command;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    WorkOptions local;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ClusterOptions cluster;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description =
                    "URL of the S3 server of --store, or of the cluster's from here if it differs from the URL within"
                            + " the cluster.")
    @Nullable
    String endpoint;

    /**
     * True for a cluster.
     *
     * @throws StageFailure bad configuration, if nothing is named and there is neither a cluster nor a work folder
     */
    boolean isCluster() {
        if (cluster.given()) {
            return true;
        } else if (local.store != null || command.commandLine().getParseResult().hasMatchedOption("--work")) {
            return false;
        }
        boolean configured = ClusterClient.isConfigured(target());
        if (!configured && !Files.isDirectory(work().store())) {
            throw StageFailure.badConfig("nothing has run in this folder, which has no " + local.work
                    + ", and no cluster is configured: --work names another work folder, --store a bucket, --kubeconfig a"
                    + " cluster; `moco cluster up` starts one here");
        }
        return configured;
    }

    Target target() {
        return cluster.target();
    }

    WorkFolder work() {
        return new WorkFolder(local.work);
    }

    Path cache() {
        return work().cache();
    }

    StoreChoice storeChoice() {
        return new StoreChoice(local.store, endpoint);
    }

    LocalExperiments openLocal() throws IOException {
        return LocalExperiments.open(work(), local.store, endpoint);
    }

    /**
     * Opens whichever it is.
     *
     * @param everywhere true takes the experiments of all namespaces of a cluster
     */
    StoredExperiments open(boolean everywhere) throws IOException {
        return isCluster() ? ClusterExperiments.open(target(), everywhere, storeChoice()) : openLocal();
    }
}
