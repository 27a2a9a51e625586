package dev.moco.localcluster;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Command lines of the control plane's programs. */
final class ControlPlaneCommands {
    /** Constant, so that the tokens of running pods remain valid when the port changes. */
    private static final String ISSUER = "https://kubernetes.default.svc";

    private final Path program;
    private final ClusterFolder folder;
    private final Set<ControlPlane.Option> options;

    ControlPlaneCommands(Path program, ClusterFolder folder, Set<ControlPlane.Option> options) {
        this.program = program;
        this.folder = folder;
        this.options = options;
    }

    List<String> etcd() {
        List<String> command = command("etcd", folder.etcd().toString());
        if (options.contains(ControlPlane.Option.NO_FSYNC)) {
            command.add("--unsafe-no-fsync");
        }
        return command;
    }

    List<String> apiServer(int port) {
        List<String> command = command(
                "kube-apiserver",
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + port,
                "--endpoint-reconciler-type=none",
                "--etcd-servers=unix://etcd:0",
                "--tls-cert-file=" + folder.certificate("apiserver"),
                "--tls-private-key-file=" + folder.key("apiserver"),
                "--token-auth-file=" + folder.tokens(),
                "--anonymous-auth=false",
                "--authorization-mode=RBAC",
                "--service-account-issuer=" + ISSUER,
                "--service-account-signing-key-file=" + folder.key("service-account"),
                "--service-account-key-file=" + folder.certificates().resolve("service-account.pub"),
                "--service-cluster-ip-range=10.96.0.0/24",
                "--kubelet-certificate-authority=" + folder.certificate("ca"),
                "--kubelet-client-certificate=" + folder.certificate("apiserver-client"),
                "--kubelet-client-key=" + folder.key("apiserver-client"),
                "--kubelet-preferred-address-types=InternalIP");
        if (options.contains(ControlPlane.Option.AUDIT_LOG)) {
            command.add("--audit-policy-file=" + folder.auditPolicy());
            command.add("--audit-log-path=" + folder.auditLog());
        }
        return command;
    }

    List<String> controllers() {
        List<String> command = clientOf("kube-controller-manager", ClusterCredentials.CONTROLLERS);
        // Each controller has the rights of its own ServiceAccount, as in other clusters.
        command.add("--use-service-account-credentials=true");
        command.add("--service-account-private-key-file=" + folder.key("service-account"));
        command.add("--root-ca-file=" + folder.certificate("ca"));
        return command;
    }

    List<String> scheduler() {
        return clientOf("kube-scheduler", ClusterCredentials.SCHEDULER);
    }

    /** A program that is a client of the API server, with a user of its own. */
    private List<String> clientOf(String name, String user) {
        return command(
                name,
                "--kubeconfig=" + folder.kubeconfig(user),
                "--leader-elect=false",
                "--secure-port=0",
                "--kube-api-qps=200",
                "--kube-api-burst=400");
    }

    private List<String> command(String name, String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString(), name));
        command.addAll(List.of(arguments));
        return command;
    }
}
