package dev.moco.artifacts;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.SdkServiceClientConfiguration;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;
import software.amazon.awssdk.services.s3.S3ServiceClientConfiguration;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.s3.presigner.S3Presigner;

/** Objects in S3: AWS, MinIO, Ceph or S3Proxy. Multipart uploads do not use the SDK's transfer manager. */
public final class S3ObjectStore implements ObjectStore {
    private static final int PART_BYTES = 64 << 20;
    /** Limit of S3. */
    private static final int MAX_PARTS = 10_000;

    static final int CONFLICT = 409;
    static final int PRECONDITION_FAILED = 412;
    private static final int NOT_FOUND = 404;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    /** Idle connections that are kept for each server: as many as there are requests at a time. */
    private static final String CONNECTIONS = "256";

    static {
        // The JDK keeps five otherwise: while images are decoded all others are closed, and made anew.
        if (System.getProperty("http.maxConnections") == null) {
            System.setProperty("http.maxConnections", CONNECTIONS);
        }
    }

    private final StoreLocation location;
    private final @Nullable AwsCredentialsProvider credentials;
    private final S3Client client;
    private final int partBytes;
    private final LongAdder transferred = new LongAdder();

    /** Opens the store with credentials of the AWS chain. */
    public static S3ObjectStore open(StoreLocation location) {
        return new S3ObjectStore(location, null, S3Timeouts.FILES, PART_BYTES);
    }

    /** Opens the store with given credentials. */
    public static S3ObjectStore open(StoreLocation location, AwsCredentialsProvider credentials) {
        return new S3ObjectStore(location, credentials, S3Timeouts.FILES, PART_BYTES);
    }

    /** Opens the store with time limits; without credentials those of the AWS chain are taken. */
    public static S3ObjectStore open(
            StoreLocation location, Optional<AwsCredentialsProvider> credentials, S3Timeouts timeouts) {
        return new S3ObjectStore(location, credentials.orElse(null), timeouts, PART_BYTES);
    }

    S3ObjectStore(
            StoreLocation location, @Nullable AwsCredentialsProvider credentials, S3Timeouts timeouts, int partBytes) {
        this.location = location;
        this.credentials = credentials;
        this.partBytes = partBytes;
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(S3Http.client(location, timeouts))
                .overrideConfiguration(configuration -> configuration
                        .apiCallAttemptTimeout(timeouts.attempt())
                        .apiCallTimeout(timeouts.call())
                        .addExecutionInterceptor(new BoundedResponses(timeouts.body(), transferred::add)))
                .forcePathStyle(location.pathStyle());
        if (credentials != null) {
            builder.credentialsProvider(credentials);
        }
        if (location.endpoint() != null) {
            builder.endpointOverride(URI.create(location.endpoint()));
        }
        region().ifPresent(builder::region);
        if (!location.checksums()) {
            builder.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                    .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        }
        this.client = attempt("open it", builder::build);
    }

    @Override
    public void check() {
        new S3Check(client, location, full("")).run();
    }

    @Override
    public String place() {
        String endpoint = location.endpoint() == null ? "" : " at " + location.endpoint();
        return "s3://" + location.bucket() + "/" + location.prefix() + endpoint;
    }

    /** Bytes of objects sent and received so far, and requests: a number that grows while a request makes progress. */
    public long transferred() {
        return transferred.sum();
    }

    private String full(String key) {
        return location.prefix().isEmpty() ? key : location.prefix() + "/" + key;
    }

    @Override
    public Optional<byte[]> get(String key, int maxBytes) {
        Optional<BoundedBody> found = attempt("read " + key, () -> {
            try {
                return Optional.of(client.getObject(
                        request -> request.bucket(location.bucket()).key(full(key)),
                        (response, body) -> BoundedBody.read(response, body, maxBytes)));
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
        return found.map(body -> body.bytes(key + " in " + place()));
    }

    @Override
    public Optional<Long> size(String key) {
        return attempt("read the size of " + key, () -> {
            try {
                return Optional.of(client.headObject(
                                request -> request.bucket(location.bucket()).key(full(key)))
                        .contentLength());
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            } catch (S3Exception e) {
                throw withReason(e, key);
            }
        });
    }

    /** The answer to a HEAD request has no body, so the reason of a refusal comes with the answer to a GET request. */
    private S3Exception withReason(S3Exception refusal, String key) {
        if (refusal.statusCode() == NOT_FOUND) {
            return refusal;
        }
        try {
            client.getObject(
                    request -> request.bucket(location.bucket()).key(full(key)).range("bytes=0-0"),
                    (response, body) -> BoundedBody.read(response, body, 1));
        } catch (S3Exception e) {
            return e.statusCode() == refusal.statusCode() ? e : refusal;
        }
        return refusal;
    }

    @Override
    public byte[] range(String key, long offset, int length) {
        if (length == 0) {
            return new byte[0];
        }
        Optional<BoundedBody> found = attempt("read " + key, () -> {
            try {
                return Optional.of(client.getObject(
                        request -> request.bucket(location.bucket())
                                .key(full(key))
                                .range("bytes=" + offset + "-" + (offset + length - 1)),
                        (response, body) -> BoundedBody.read(response, body, length)));
            } catch (S3Exception e) {
                if (e.statusCode() == RANGE_NOT_SATISFIABLE) {
                    return Optional.empty(); // the object ends before the range
                }
                throw e;
            }
        });
        return found.map(body -> body.bytes("a range of " + key + " in " + place()))
                .orElseGet(() -> new byte[0]);
    }

    @Override
    public InputStream open(String key) throws IOException {
        return open(key, request -> {});
    }

    @Override
    public InputStream openUnchecked(String key) throws IOException {
        return open(key, request -> request.overrideConfiguration(call -> call.addPlugin(S3ObjectStore::unchecked)));
    }

    private InputStream open(String key, Consumer<GetObjectRequest.Builder> options) throws NoSuchFileException {
        Optional<InputStream> stream = attempt("read " + key, () -> {
            try {
                ResponseInputStream<GetObjectResponse> body = client.getObject(request ->
                        request.bucket(location.bucket()).key(full(key)).applyMutation(options));
                return Optional.of(LengthCheckedBody.of(body.response(), body, place() + "/" + key));
            } catch (NoSuchKeyException e) {
                return Optional.empty();
            }
        });
        return stream.orElseThrow(() -> new NoSuchFileException(place() + "/" + key));
    }

    /** Disables the SDK's checksum of a response, an MD5 that it computes at less than half the rate of SHA-256. */
    private static void unchecked(SdkServiceClientConfiguration.Builder client) {
        if (client instanceof S3ServiceClientConfiguration.Builder s3) {
            s3.responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        }
    }

    @Override
    public void put(String key, byte[] bytes) {
        attempt(
                "write " + key,
                () -> client.putObject(
                        request -> request.bucket(location.bucket()).key(full(key)), RequestBody.fromBytes(bytes)));
    }

    @Override
    public boolean putIfAbsent(String key, byte[] bytes) {
        return attempt("write " + key, () -> {
            try {
                client.putObject(
                        request ->
                                request.bucket(location.bucket()).key(full(key)).ifNoneMatch("*"),
                        RequestBody.fromBytes(bytes));
                return true;
            } catch (S3Exception e) {
                // 412: the object exists. 409: another writer is creating it.
                if (e.statusCode() == PRECONDITION_FAILED || e.statusCode() == CONFLICT) {
                    return false;
                }
                throw e;
            }
        });
    }

    @Override
    public void upload(String key, Path file) throws IOException {
        long size = Files.size(file);
        if (size <= partBytes) {
            attempt(
                    "write " + key,
                    () -> client.putObject(
                            request -> request.bucket(location.bucket()).key(full(key)), body(file, 0, size)));
        } else {
            uploadParts(key, file, size);
        }
    }

    private void uploadParts(String key, Path file, long size) {
        String upload = attempt(
                "write " + key,
                () -> client.createMultipartUpload(
                                request -> request.bucket(location.bucket()).key(full(key)))
                        .uploadId());
        try {
            long part = Math.max(partBytes, (size + MAX_PARTS - 1) / MAX_PARTS);
            List<CompletedPart> parts = new ArrayList<>();
            for (long from = 0; from < size; from += part) {
                parts.add(uploadPart(key, file, upload, parts.size() + 1, from, Math.min(part, size - from)));
            }
            attempt(
                    "write " + key,
                    () -> client.completeMultipartUpload(request -> request.bucket(location.bucket())
                            .key(full(key))
                            .uploadId(upload)
                            .multipartUpload(done -> done.parts(parts))));
        } catch (RuntimeException e) {
            abort(client, location, full(key), upload, e);
            throw e;
        }
    }

    private CompletedPart uploadPart(String key, Path file, String upload, int number, long from, long length) {
        String etag = attempt(
                "write part " + number + " of " + key,
                () -> client.uploadPart(
                                request -> request.bucket(location.bucket())
                                        .key(full(key))
                                        .uploadId(upload)
                                        .partNumber(number)
                                        .contentLength(length),
                                body(file, from, length))
                        .eTag());
        return CompletedPart.builder().partNumber(number).eTag(etag).build();
    }

    private RequestBody body(Path file, long from, long length) {
        return RequestBody.fromContentProvider(
                () -> new FileSlice(file, from, length, transferred::add), length, "application/octet-stream");
    }

    static void abort(
            S3Client client, StoreLocation location, String fullKey, String upload, RuntimeException failure) {
        try {
            client.abortMultipartUpload(
                    request -> request.bucket(location.bucket()).key(fullKey).uploadId(upload));
        } catch (SdkException e) {
            failure.addSuppressed(e);
        }
    }

    @Override
    public void list(String prefix, Consumer<StoredObject> each) {
        String below = full(prefix);
        // Not the SDK's paginator, which ends only at a page without a token, and so never at a server that sends one.
        String token = null;
        do {
            ListObjectsV2Request request = ListObjectsV2Request.builder()
                    .bucket(location.bucket())
                    .prefix(below)
                    .continuationToken(token)
                    .build();
            ListObjectsV2Response page = attempt("list " + prefix, () -> client.listObjectsV2(request));
            token = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
            if (token != null && page.contents().isEmpty()) {
                throw StageFailure.fault(place() + " lists a page without objects and says that there are more");
            }
            page.contents().forEach(object -> each.accept(stored(object, below)));
        } while (token != null);
    }

    private StoredObject stored(S3Object object, String prefix) {
        if (object.key() == null || object.size() == null || !object.key().startsWith(prefix)) {
            throw StageFailure.fault(place() + " lists an object without a size or with a key that does not begin with "
                    + prefix + ": " + object.key());
        }
        return new StoredObject(
                object.key().substring(full("").length()),
                object.size(),
                String.valueOf(object.eTag()),
                Objects.requireNonNullElse(object.lastModified(), Instant.MAX));
    }

    @Override
    public void delete(String key) {
        attempt(
                "delete " + key,
                () -> client.deleteObject(
                        request -> request.bucket(location.bucket()).key(full(key))));
    }

    /** URL by which any HTTP client can read an object for an hour. */
    public URL presigned(String key) {
        return attempt("sign a request for " + key, () -> {
            S3Presigner.Builder builder = S3Presigner.builder()
                    .serviceConfiguration(S3Configuration.builder()
                            .pathStyleAccessEnabled(location.pathStyle())
                            .build())
                    .credentialsProvider(credentials);
            if (location.endpoint() != null) {
                builder.endpointOverride(URI.create(location.endpoint()));
            }
            region().ifPresent(builder::region);
            try (S3Presigner presigner = builder.build()) {
                return presigner
                        .presignGetObject(request -> request.signatureDuration(Duration.ofHours(1))
                                .getObjectRequest(object ->
                                        object.bucket(location.bucket()).key(full(key))))
                        .url();
            }
        });
    }

    private Optional<Region> region() {
        if (location.region() != null) {
            return Optional.of(Region.of(location.region()));
        }
        return location.endpoint() != null ? Optional.of(Region.US_EAST_1) : Optional.empty();
    }

    private <T> T attempt(String action, Supplier<T> call) {
        try {
            return call.get();
        } catch (SdkException e) {
            throw S3Errors.of(e, location, action);
        } finally {
            transferred.increment();
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
