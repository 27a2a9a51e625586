package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.localcluster.TestCluster;
import dev.moco.localcluster.TestNode;
import org.junit.jupiter.api.Test;

/** The project's images on a process node, which finds their programs by {@link java.util.ServiceLoader}. */
class ImageProgramsIT {
    private final TestCluster cluster = TestCluster.get();

    @Test
    void theImagesRunProgramsOfTheCheckout() throws Exception {
        String namespace = cluster.namespace("images");
        try (TestNode node = cluster.node("images").start()) {
            cluster.kubectlWithInput(
                            job(node, "stage", "registry.example/team/moco-stages:0.1.0", "pretrain")
                                    + job(node, "operator", "moco-operator:0.1.0", "--version")
                                    + job(node, "unknown", "none", "x"),
                            "apply",
                            "-n",
                            namespace,
                            "-f",
                            "-")
                    .orFail();
            kubectl(namespace, "wait", "--for=condition=Failed", "job/stage", "--timeout=600s");
            assertThat(kubectl(
                            namespace, "get", "pods", "-l", "job-name=stage", "-o", "jsonpath={..terminated.message}"))
                    .contains("\"exitCode\":78", "the variable MOCO_TASK is not set");
            kubectl(namespace, "wait", "--for=condition=Complete", "job/operator", "--timeout=600s");
            assertThat(kubectl(namespace, "logs", "job/operator")).contains("moco 0.1.0");
            assertThat(kubectl(namespace, "get", "pods", "-l", "job-name=unknown"))
                    .contains("ErrImagePull");
        }
    }

    private static String job(TestNode node, String name, String image, String argument) {
        return """
                apiVersion: batch/v1
                kind: Job
                metadata: {name: %s}
                spec:
                  backoffLimit: 0
                  template:
                    spec:
                      nodeSelector: {kubernetes.io/hostname: %s}
                      restartPolicy: Never
                      containers: [{name: main, image: "%s", args: ["%s"]}]
                ---
                """.formatted(name, node.name(), image, argument);
    }

    private String kubectl(String namespace, String... arguments) throws Exception {
        String[] all = new String[arguments.length + 2];
        all[0] = "-n";
        all[1] = namespace;
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return cluster.kubectl(all).orFail().out();
    }
}
