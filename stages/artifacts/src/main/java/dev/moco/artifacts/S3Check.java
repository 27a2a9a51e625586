package dev.moco.artifacts;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import java.util.function.Consumer;
import software.amazon.awssdk.core.SdkServiceClientConfiguration;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ServiceClientConfiguration;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * Tries with a small object what stages ask of a store, in a second rather than after hours: a write only where there is
 * no object, an upload in parts, a ranged read, deletion, and the SDK's checksums.
 */
final class S3Check {
    private static final byte[] CONTENT = "moco".getBytes(StandardCharsets.US_ASCII);

    private final S3Client client;
    private final StoreLocation location;
    private final String where;
    private final String key;

    /** @param prefix prefix of the keys of this check, with its slash */
    S3Check(S3Client client, StoreLocation location, String prefix) {
        this.client = client;
        this.location = location;
        this.where = S3Errors.where(location);
        this.key = prefix + "v1/check/" + UUID.randomUUID();
    }

    /** @throws StageFailure bad configuration that says what the store cannot do, with its reason; or a fault */
    void run() {
        try {
            conditionalWrite();
            parts();
            range();
            client.deleteObject(request -> request.bucket(location.bucket()).key(key));
        } catch (SdkException e) {
            throw S3Errors.of(e, location, "do what stages ask of it: write, read and delete " + key);
        }
    }

    private void conditionalWrite() {
        try {
            put(request -> request.ifNoneMatch("*"));
        } catch (S3Exception e) {
            if (isRefused(e) && Arrays.equals(read(request -> {}), CONTENT)) {
                // The SDK repeated a request whose answer was lost: the first one has written the object.
                return;
            }
            if (works(request -> {})) {
                throw unconditional(S3Errors.reason(e));
            }
            if (location.checksums() && works(request -> unchecked(request))) {
                throw StageFailure.badConfig(
                        where + " refuses the SDK's checksums (" + S3Errors.reason(e)
                                + "); set spec.storage.checksums: false",
                        e);
            }
            throw e;
        }
        try {
            put(request -> request.ifNoneMatch("*"));
        } catch (S3Exception e) {
            if (isRefused(e)) {
                return;
            }
            throw e;
        }
        throw unconditional("it replaced an object");
    }

    private static boolean isRefused(S3Exception e) {
        return e.statusCode() == S3ObjectStore.PRECONDITION_FAILED || e.statusCode() == S3ObjectStore.CONFLICT;
    }

    private StageFailure unconditional(String reason) {
        return StageFailure.badConfig(where + " does not write an object only where there is none (If-None-Match: *; "
                + reason + "), by which stages commit; use a server that does");
    }

    private void put(Consumer<PutObjectRequest.Builder> options) {
        client.putObject(
                request -> request.bucket(location.bucket()).key(key).applyMutation(options),
                RequestBody.fromBytes(CONTENT));
    }

    private boolean works(Consumer<PutObjectRequest.Builder> options) {
        try {
            put(options);
            client.deleteObject(request -> request.bucket(location.bucket()).key(key));
            return true;
        } catch (SdkException e) {
            return false;
        }
    }

    private static void unchecked(PutObjectRequest.Builder request) {
        request.overrideConfiguration(call -> call.addPlugin(S3Check::unchecked));
    }

    private static void unchecked(SdkServiceClientConfiguration.Builder client) {
        if (client instanceof S3ServiceClientConfiguration.Builder s3) {
            s3.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED);
        }
    }

    private void parts() {
        String upload = client.createMultipartUpload(
                        request -> request.bucket(location.bucket()).key(key))
                .uploadId();
        try {
            String etag = client.uploadPart(
                            request -> request.bucket(location.bucket())
                                    .key(key)
                                    .uploadId(upload)
                                    .partNumber(1),
                            RequestBody.fromBytes(CONTENT))
                    .eTag();
            client.completeMultipartUpload(request -> request.bucket(location.bucket())
                    .key(key)
                    .uploadId(upload)
                    .multipartUpload(done -> done.parts(
                            CompletedPart.builder().partNumber(1).eTag(etag).build())));
        } catch (SdkException e) {
            S3ObjectStore.abort(client, location, key, upload, e);
            throw e;
        }
    }

    private void range() {
        byte[] found = read(request -> request.range("bytes=1-2"));
        if (!Arrays.equals(found, Arrays.copyOfRange(CONTENT, 1, 3))) {
            throw StageFailure.badConfig(where + " does not answer for a range of an object: it sent " + found.length
                    + " bytes for 2; use a server that does");
        }
    }

    private byte[] read(Consumer<GetObjectRequest.Builder> options) {
        return client.getObjectAsBytes(
                        request -> request.bucket(location.bucket()).key(key).applyMutation(options))
                .asByteArray();
    }
}
