package dev.moco.operator.client;

import dev.moco.contract.NearestName;
import dev.moco.contract.StageFailure;
import dev.moco.contract.local.LocalKubeconfig;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds the user's cluster as kubectl does; the client library alone would guess one if none is configured. */
final class ClusterConfig {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int REQUEST_MILLIS = 20_000;

    private ClusterConfig() {}

    /**
     * Reads the configuration.
     *
     * @throws StageFailure bad configuration if it names no cluster
     */
    static Config of(Target target) {
        Config found = found(target);
        if (target.context() != null) {
            checkContext(found, target.context());
        }
        if (found.getCurrentContext() == null && !inCluster(found)) {
            throw StageFailure.badConfig(noCluster(target.kubeconfig(), names(found)));
        }
        return new ConfigBuilder(found)
                .withConnectionTimeout(CONNECT_MILLIS)
                .withRequestTimeout(REQUEST_MILLIS)
                // Retry twice only, since a user waits for the answer.
                .withRequestRetryBackoffLimit(2)
                .build();
    }

    /** False if no cluster is named; a configuration that cannot be used names one. */
    static boolean isConfigured(Target target) {
        try {
            Config found = found(target);
            return found.getCurrentContext() != null
                    || inCluster(found)
                    || !names(found).isEmpty();
        } catch (StageFailure e) {
            return true;
        }
    }

    private static Config found(Target target) {
        try {
            return configured(target);
        } catch (KubernetesClientException | IllegalArgumentException e) {
            throw StageFailure.badConfig(
                    "the kubeconfig"
                            + (target.kubeconfig() == null ? "" : " " + target.kubeconfig())
                            + " cannot be used: " + innermost(e),
                    e);
        }
    }

    /** Message of the innermost cause; the library wraps it in its own. */
    private static String innermost(Throwable error) {
        Throwable at = error;
        while (at.getCause() != null) {
            at = at.getCause();
        }
        return String.valueOf(at.getMessage()).lines().findFirst().orElse("");
    }

    private static Config configured(Target target) {
        if (target.kubeconfig() != null) {
            return read(target.kubeconfig(), target.context());
        }
        Config usual = Config.autoConfigure(target.context());
        Path own = LocalKubeconfig.path();
        // If nothing else is configured, take the cluster of `moco cluster up`.
        boolean none = names(usual).isEmpty() && !inCluster(usual);
        return none && Files.isRegularFile(own) ? read(own, target.context()) : usual;
    }

    /** Namespace of the context, or "default", as in kubectl. */
    static String namespace(Target target, Config config) {
        String own = target.namespace() != null ? target.namespace() : config.getNamespace();
        return own == null || own.isEmpty() ? "default" : own;
    }

    private static Config read(Path file, @Nullable String context) {
        if (!Files.exists(file) || Files.isDirectory(file)) {
            throw StageFailure.badConfig("--kubeconfig: no file " + file);
        }
        return Config.fromKubeconfig(context, file.toFile());
    }

    private static void checkContext(Config config, String context) {
        List<String> names = names(config);
        // The library would silently take the current context instead.
        if (!names.contains(context)) {
            throw StageFailure.badConfig("--context \"" + context + "\" is not in the kubeconfig"
                    + (names.isEmpty()
                            ? ", which has none"
                            : "; nearest is \"" + NearestName.of(context, names) + "\", known are: "
                                    + String.join(", ", names)));
        }
    }

    private static List<String> names(Config config) {
        return Optional.ofNullable(config.getContexts()).orElse(List.of()).stream()
                .map(NamedContext::getName)
                .sorted()
                .toList();
    }

    private static boolean inCluster(Config config) {
        return !(Config.DEFAULT_MASTER_URL + "/").equals(config.getMasterUrl());
    }

    private static String noCluster(@Nullable Path file, List<String> contexts) {
        if (!contexts.isEmpty()) {
            return "the kubeconfig has no current context; choose one with --context: " + String.join(", ", contexts);
        }
        return "no cluster: "
                + (file != null ? file + " names none" : "no KUBECONFIG, and none named in ~/.kube/config")
                + "; `moco cluster up` starts one here, --kubeconfig FILE names one";
    }
}
