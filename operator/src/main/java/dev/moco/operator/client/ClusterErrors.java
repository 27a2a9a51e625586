package dev.moco.operator.client;

import com.fasterxml.jackson.core.JacksonException;
import dev.moco.contract.Printable;
import dev.moco.contract.StageFailure;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/** Translates errors of the API server into messages for a user. */
final class ClusterErrors {
    private static final String RIGHTS = "ask for the ClusterRole view there, which reads experiments, pods and logs";

    private ClusterErrors() {}

    /**
     * The failure to report.
     *
     * @param cluster address of the cluster, for the message
     * @param action the failed action, such as {@code list experiments}
     */
    static StageFailure of(KubernetesClientException error, String cluster, String action) {
        return switch (error.getCode()) {
            case 400 -> StageFailure.badConfig(cluster + ": cannot " + action + ": " + message(error), error);
            case 401 ->
                StageFailure.badConfig(
                        cluster + " does not accept the credentials (401): log in again, or choose another --context",
                        error);
            case 403 ->
                StageFailure.badConfig(
                        cluster + ": you may not " + action + ": " + message(error) + "; " + RIGHTS, error);
            case 404 ->
                StageFailure.badConfig(
                        cluster + " has no MoCoExperiment; install it: kubectl apply -k manifests/overlays/cluster",
                        error);
            default ->
                StageFailure.fault(
                        network(error)
                                .map(reason -> cluster + " cannot be reached, to " + action + ": " + reason
                                        + "; is it up? --context and --kubeconfig name another")
                                .orElseGet(() -> cluster + ": cannot " + action + ": " + message(error)),
                        error);
        };
    }

    private static String message(KubernetesClientException error) {
        String message = error.getStatus() == null
                ? error.getMessage()
                : error.getStatus().getMessage();
        return Printable.line(String.valueOf(message));
    }

    /** Network error behind a failure: the innermost cause that has a message. */
    private static Optional<String> network(Throwable error) {
        Optional<String> reason = Optional.empty();
        for (Throwable at = error.getCause(); at != null; at = at.getCause()) {
            if (at instanceof UnknownHostException || at instanceof UnresolvedAddressException) {
                return Optional.of("unknown host");
            } else if (at instanceof HttpTimeoutException || at instanceof TimeoutException) {
                return Optional.of("timed out");
            } else if (at instanceof JacksonException) {
                return Optional.of("its answer is not from a Kubernetes API server");
            } else if (at instanceof ConnectException) {
                reason = Optional.of("connection refused");
            } else if (at instanceof SSLException) {
                reason = Optional.of("TLS: " + at.getMessage());
            } else if (at instanceof IOException && reason.isEmpty()) {
                reason = Optional.of(
                        at.getMessage() == null || at.getMessage().isEmpty()
                                ? at.getClass().getSimpleName()
                                : at.getMessage());
            }
        }
        return reason;
    }
}
