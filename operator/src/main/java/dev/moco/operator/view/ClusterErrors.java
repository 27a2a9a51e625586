package dev.moco.operator.view;

import dev.moco.contract.StageFailure;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** The one place that says what an error of the API server means to a user. */
final class ClusterErrors {
    private static final String RIGHTS =
            "needed are get, list and watch of mocoexperiments.moco.dev and pods, and get of pods/log";

    private ClusterErrors() {}

    /**
     * What to tell.
     *
     * @param cluster the cluster in words
     * @param action what was tried, such as {@code list experiments}
     */
    static StageFailure of(KubernetesClientException error, String cluster, String action) {
        return switch (error.getCode()) {
            case 401 ->
                StageFailure.badConfig(
                        cluster + " does not accept the credentials (401): log in again, or choose another --context",
                        error);
            case 403 ->
                StageFailure.badConfig(cluster + ": you may not " + action + ": " + said(error) + "; " + RIGHTS, error);
            case 404 ->
                StageFailure.badConfig(
                        cluster + " has no MoCoExperiment; install the operator: kubectl apply -k manifests/", error);
            default -> {
                IOException network = cause(error);
                yield network != null
                        ? StageFailure.fault(
                                cluster + " cannot be reached, to " + action + ": " + reason(network)
                                        + "; is it up? --context and --kubeconfig name another",
                                error)
                        : StageFailure.fault(cluster + ": cannot " + action + ": " + said(error), error);
            }
        };
    }

    private static String said(KubernetesClientException error) {
        String message = error.getStatus() == null
                ? error.getMessage()
                : error.getStatus().getMessage();
        return String.valueOf(message).replaceAll("\\s+", " ").strip();
    }

    private static @Nullable IOException cause(Throwable error) {
        for (Throwable at = error.getCause(); at != null; at = at.getCause()) {
            if (at instanceof IOException network) {
                return network;
            } else if (at instanceof TimeoutException) {
                return new HttpTimeoutException("timed out");
            }
        }
        return null;
    }

    private static String reason(IOException error) {
        if (error instanceof UnknownHostException || unresolved(error)) {
            return "unknown host";
        } else if (error instanceof HttpTimeoutException) {
            return "timed out";
        } else if (error instanceof ConnectException) {
            return "connection refused";
        } else if (error instanceof SSLException) {
            return "TLS: " + error.getMessage();
        }
        return error.getMessage() == null ? error.getClass().getSimpleName() : error.getMessage();
    }

    /** The JDK's client says so by a cause without a word. */
    private static boolean unresolved(IOException error) {
        for (Throwable at = error; at != null; at = at.getCause()) {
            if (at instanceof UnresolvedAddressException) {
                return true;
            }
        }
        return false;
    }
}
