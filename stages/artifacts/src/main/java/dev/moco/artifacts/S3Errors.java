package dev.moco.artifacts;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.NoSuchBucketException;

/** Messages and exit codes of S3 errors. */
final class S3Errors {
    private static final Set<String> OTHER_REGION =
            Set.of("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException");
    private static final Set<String> EXPIRED =
            Set.of("ExpiredToken", "ExpiredTokenException", "InvalidToken", "TokenRefreshRequired");

    private S3Errors() {}

    static StageFailure of(SdkException error, StoreLocation location, String action) {
        String where = where(location);
        if (error instanceof AwsServiceException service) {
            return service(service, where, location, action);
        }
        String message = String.valueOf(error.getMessage());
        if (message.contains("Unable to load credentials")) {
            return StageFailure.badConfig(
                    where + ": no credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or a"
                            + " role of the pod",
                    error);
        }
        if (message.contains("Unable to load region")) {
            return StageFailure.badConfig(where + ": no region found; set spec.storage.region or AWS_REGION", error);
        }
        if (error instanceof ApiCallTimeoutException || error instanceof ApiCallAttemptTimeoutException) {
            return StageFailure.fault(where + " takes too long to " + action, error);
        }
        IOException network = cause(error);
        if (network != null) {
            return StageFailure.fault(where + " cannot be reached, to " + action + ": " + reason(network), error);
        }
        return StageFailure.fault(where + ": cannot " + action + ": " + message, error);
    }

    static String where(StoreLocation location) {
        return "S3 at " + endpoint(location) + ", bucket \"" + location.bucket() + "\"";
    }

    private static StageFailure service(
            AwsServiceException error, String where, StoreLocation location, String action) {
        String code = code(error);
        String reason = reason(error);
        if (error instanceof NoSuchBucketException || code.equals("NoSuchBucket")) {
            return StageFailure.badConfig(
                    where + ": the bucket does not exist; create it, or correct spec.storage.bucket", error);
        }
        if (error.statusCode() == 301 || OTHER_REGION.contains(code)) {
            return StageFailure.badConfig(
                    where + ": the bucket is not in region " + location.region() + " (" + reason
                            + "); correct spec.storage.region",
                    error);
        }
        if (EXPIRED.contains(code)) {
            return StageFailure.badConfig(
                    where + ": the credentials have expired or are not valid (" + reason
                            + "); set new ones, AWS_SESSION_TOKEN included",
                    error);
        }
        if (code.equals("RequestTimeTooSkewed")) {
            return StageFailure.badConfig(
                    where + ": the clock of this machine differs from the server's (" + reason + "); set it", error);
        }
        if (error.statusCode() == 403 || error.statusCode() == 401) {
            return StageFailure.badConfig(
                    where + ": the credentials may not " + action + " (" + reason
                            + "); check the access key, its secret and its policy",
                    error);
        }
        return StageFailure.fault(where + ": cannot " + action + ": " + reason, error);
    }

    private static String code(AwsServiceException error) {
        AwsErrorDetails details = error.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    /** Code and message of the server; the status if it sent neither. */
    static String reason(AwsServiceException error) {
        AwsErrorDetails details = error.awsErrorDetails();
        String code = code(error);
        String message = details == null || details.errorMessage() == null ? "" : ": " + details.errorMessage();
        return (code.isEmpty() ? "status " + error.statusCode() : code) + message;
    }

    private static String endpoint(StoreLocation location) {
        return location.endpoint() == null ? "AWS" : location.endpoint();
    }

    private static @Nullable IOException cause(Throwable error) {
        for (Throwable at = error.getCause(); at != null; at = at.getCause()) {
            if (at instanceof IOException network) {
                return network;
            }
        }
        return null;
    }

    private static String reason(IOException error) {
        if (error instanceof UnknownHostException) {
            return "unknown host " + error.getMessage();
        } else if (error instanceof ConnectException || error instanceof NoRouteToHostException) {
            return "connection refused";
        } else if (error instanceof SocketTimeoutException) {
            return "timed out";
        }
        return String.valueOf(error.getMessage());
    }
}
