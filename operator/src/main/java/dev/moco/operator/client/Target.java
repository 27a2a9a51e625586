package dev.moco.operator.client;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Cluster and namespace of a command.
 *
 * @param kubeconfig file; null for KUBECONFIG's, or the one in the home folder
 * @param context context of that file; null for its current one
 * @param namespace namespace; null for the context's
 */
public record Target(
        @Nullable Path kubeconfig,
        @Nullable String context,
        @Nullable String namespace) {}
