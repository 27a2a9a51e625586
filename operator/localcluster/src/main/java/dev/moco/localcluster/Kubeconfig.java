package dev.moco.localcluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * Address of an API server and credentials for it.
 *
 * @param server address, such as {@code https://127.0.0.1:6443}
 * @param authority PEM certificates of the server's authority; empty for the system's authorities
 * @param token bearer token
 * @param namespace default namespace of requests
 */
record Kubeconfig(String server, String authority, String token, String namespace) {
    static Kubeconfig of(String server, Path authority, String token) throws IOException {
        return new Kubeconfig(server, Files.readString(authority), token, "default");
    }

    void write(Path file) throws IOException {
        String trust = authority.isEmpty()
                ? ""
                : ", certificate-authority-data: "
                        + Base64.getEncoder().encodeToString(authority.getBytes(StandardCharsets.UTF_8));
        PrivateFiles.write(file, """
                apiVersion: v1
                kind: Config
                current-context: moco
                clusters:
                - {name: moco, cluster: {server: "%s"%s}}
                users:
                - {name: moco, user: {token: "%s"}}
                contexts:
                - {name: moco, context: {cluster: moco, user: moco, namespace: "%s"}}
                """.formatted(server, trust, token, namespace));
    }
}
