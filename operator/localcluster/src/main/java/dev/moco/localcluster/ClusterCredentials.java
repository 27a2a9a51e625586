package dev.moco.localcluster;

import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Certificates, tokens and kubeconfigs of a cluster's servers and users. */
final class ClusterCredentials {
    private static final String ADMIN = "admin";
    /** The node, and the user that it is. */
    static final String NODE = "moco-node";

    static final String CONTROLLERS = "system:kube-controller-manager";
    static final String SCHEDULER = "system:kube-scheduler";

    private ClusterCredentials() {}

    /**
     * Creates the credentials that are missing, and writes kubeconfigs for the server's address.
     *
     * @param program the built {@link ClusterProgram}
     */
    static void write(Path program, ClusterFolder folder, String server) throws IOException, InterruptedException {
        certificates(program, folder);
        tokens(folder).forEach((user, token) -> writeKubeconfig(folder, user, server, token));
    }

    private static void certificates(Path program, ClusterFolder folder) throws IOException, InterruptedException {
        Path log = folder.log("certs");
        Process process = new ProcessBuilder(
                        program.toString(), "certs", folder.certificates().toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw StageFailure.fault("cannot make certificates: " + ServerProcess.tail(log, 500));
        }
    }

    /** Tokens of the cluster's users; created once, since people's kubeconfigs contain them. */
    private static Map<String, String> tokens(ClusterFolder folder) throws IOException {
        Map<String, String> tokens = new LinkedHashMap<>();
        if (Files.exists(folder.tokens())) {
            for (String line : Files.readAllLines(folder.tokens())) {
                String[] fields = line.split(",", -1);
                tokens.put(fields[1], fields[0]);
            }
            return tokens;
        }
        StringBuilder lines = new StringBuilder();
        for (String user : List.of(ADMIN, NODE, CONTROLLERS, SCHEDULER)) {
            String token = PrivateFiles.random(24);
            String group = user.equals(ADMIN) || user.equals(NODE) ? "system:masters" : "moco:control-plane";
            lines.append(token + "," + user + "," + user + ",\"" + group + "\"\n");
            tokens.put(user, token);
        }
        PrivateFiles.write(folder.tokens(), lines.toString());
        return tokens;
    }

    private static void writeKubeconfig(ClusterFolder folder, String user, String server, String token) {
        Path file = user.equals(ADMIN) ? folder.kubeconfig() : folder.kubeconfig(user);
        try {
            Kubeconfig.of(server, folder.certificate("ca"), token).write(file);
        } catch (IOException e) {
            throw StageFailure.fault("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
