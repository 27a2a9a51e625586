package dev.moco.localcluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;

/**
 * How to reach an API server and as whom.
 *
 * @param server address, such as {@code https://127.0.0.1:6443}
 * @param authority PEM certificates that the server's is signed with; empty to trust the system's
 * @param token bearer token
 * @param namespace where requests go that name none
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
