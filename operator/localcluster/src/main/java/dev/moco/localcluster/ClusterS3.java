package dev.moco.localcluster;

import dev.moco.artifacts.EmbeddedS3;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.util.Map;
import java.util.Properties;

/**
 * The cluster's S3 server. Its address and keys are kept, so that Secrets with them remain valid.
 *
 * @param port on loopback
 */
record ClusterS3(int port, String accessKey, String secretKey) {
    /** Name of the Secret with the keys, in namespace default. */
    static final String SECRET = "moco-s3";

    /** Reads the address and keys from the folder; a port that is in use by now is replaced. */
    static ClusterS3 of(ClusterFolder folder) throws IOException {
        Properties kept = new Properties();
        if (Files.exists(folder.storeAccess())) {
            kept.load(new StringReader(Files.readString(folder.storeAccess())));
        }
        int port = Integer.parseInt(kept.getProperty("port", "0"));
        ClusterS3 store = new ClusterS3(
                port != 0 && ControlPlane.free(port) ? port : ControlPlane.freePort(),
                kept.getProperty("accessKey", PrivateFiles.random(10)),
                kept.getProperty("secretKey", PrivateFiles.random(24)));
        PrivateFiles.write(
                folder.storeAccess(),
                "port=%s%naccessKey=%s%nsecretKey=%s%n".formatted(store.port, store.accessKey, store.secretKey));
        return store;
    }

    EmbeddedS3 serve(ClusterFolder folder) {
        return EmbeddedS3.start(folder.store(), port, accessKey, secretKey);
    }

    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    Map<String, String> credentials() {
        return Map.of("AWS_ACCESS_KEY_ID", accessKey, "AWS_SECRET_ACCESS_KEY", secretKey);
    }
}
