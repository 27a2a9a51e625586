package dev.moco.artifacts;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.FilesystemNio2BlobStore;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.SdkSystemSetting;

/** An S3 server on loopback whose objects are files of a folder, with random credentials. */
public final class EmbeddedS3 implements AutoCloseable {
    /** Name of its only bucket. */
    public static final String BUCKET = "moco";

    private final S3Proxy server;
    private final String accessKey;
    private final String secret;

    private EmbeddedS3(Path folder, int port, String accessKey, String secret) throws Exception {
        this.accessKey = accessKey;
        this.secret = secret;
        server = S3Proxy.builder()
                .blobStore(new FilesystemNio2BlobStore(folder.toString()))
                .endpoint(URI.create("http://127.0.0.1:" + port))
                .awsAuthentication(AuthenticationType.AWS_V4, accessKey, secret)
                .ignoreUnknownHeaders(true)
                .v4MaxNonChunkedRequestSize(128L << 20)
                .build();
        server.start();
    }

    /** Starts with a folder, which is created with its bucket if it does not exist. */
    public static EmbeddedS3 start(Path folder) {
        return start(folder, 0, random(10), random(24));
    }

    /** Starts with given port and credentials; port 0 chooses a free one. */
    public static EmbeddedS3 start(Path folder, int port, String accessKey, String secret) {
        try {
            Files.createDirectories(folder.resolve(BUCKET));
            return new EmbeddedS3(folder, port, accessKey, secret);
        } catch (Exception e) { // declared by the server
            throw StageFailure.fault("cannot start the embedded S3 over " + folder + ": " + e.getMessage(), e);
        }
    }

    /** Opens the bucket's objects without starting the server. */
    public static ObjectStore folder(Path folder) {
        return new FolderObjectStore(folder.resolve(BUCKET));
    }

    public StoreLocation location() {
        return new StoreLocation(BUCKET, "", "http://127.0.0.1:" + server.getPort(), "us-east-1", true, true);
    }

    /** Credentials as AWS environment variables. */
    public Map<String, String> environment() {
        return Map.of(
                SdkSystemSetting.AWS_ACCESS_KEY_ID.environmentVariable(),
                accessKey,
                SdkSystemSetting.AWS_SECRET_ACCESS_KEY.environmentVariable(),
                secret);
    }

    public AwsCredentialsProvider credentials() {
        return StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKey, secret));
    }

    private static String random(int bytes) {
        byte[] random = new byte[bytes];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    @Override
    public void close() throws IOException {
        try {
            server.stop();
        } catch (Exception e) { // declared by the server
            throw new IOException("cannot stop the embedded S3", e);
        }
    }
}
