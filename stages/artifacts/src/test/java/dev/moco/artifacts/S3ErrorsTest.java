package dev.moco.artifacts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.s3.model.S3Exception;

class S3ErrorsTest {
    private static final StoreLocation LOCATION =
            new StoreLocation("experiments", "moco", "http://s3:9000", "us-east-1", true, true);
    private static final String WHERE = "S3 at http://s3:9000, bucket \"experiments\"";

    @ParameterizedTest(name = "{0} {1} ends with {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "404 | NoSuchBucket | 78 | : the bucket does not exist; create it, or correct spec.storage.bucket",
                "400 | AuthorizationHeaderMalformed | 78 | : the bucket is not in region us-east-1"
                        + " (AuthorizationHeaderMalformed: message of the server); correct spec.storage.region",
                "301 | PermanentRedirect | 78 | : the bucket is not in region us-east-1"
                        + " (PermanentRedirect: message of the server); correct spec.storage.region",
                "400 | ExpiredToken | 78 | : the credentials have expired or are not valid"
                        + " (ExpiredToken: message of the server); set new ones, AWS_SESSION_TOKEN included",
                "403 | RequestTimeTooSkewed | 78 | : the clock of this machine differs from the server's"
                        + " (RequestTimeTooSkewed: message of the server); set it",
                "403 | InvalidAccessKeyId | 78 | : the credentials may not read a (InvalidAccessKeyId: message of the server); check the access key,"
                        + " its secret and its policy",
                "503 | SlowDown | 1 | : cannot read a: SlowDown: message of the server"
            })
    void errorsOfTheServer(int status, String code, int exitCode, String message) {
        StageFailure failure = S3Errors.of(
                S3Exception.builder()
                        .statusCode(status)
                        .awsErrorDetails(AwsErrorDetails.builder()
                                .errorCode(code)
                                .errorMessage("message of the server")
                                .build())
                        .build(),
                LOCATION,
                "read a");
        assertThat(failure).hasMessage(WHERE + message);
        assertThat(failure.exitCode()).isEqualTo(exitCode);
    }

    @Test
    void missingCredentialsAndUnknownHosts() {
        assertThat(S3Errors.of(
                        SdkClientException.create("Unable to load credentials from any of the providers"),
                        LOCATION,
                        "read a"))
                .hasMessageStartingWith(WHERE + ": no credentials found; set AWS_ACCESS_KEY_ID")
                .extracting(StageFailure::exitCode)
                .isEqualTo(78);
        assertThat(S3Errors.of(
                        SdkClientException.create("it failed", new UnknownHostException("s3")), LOCATION, "read a"))
                .hasMessage(WHERE + " cannot be reached, to read a: unknown host s3")
                .extracting(StageFailure::exitCode)
                .isEqualTo(1);
    }
}
