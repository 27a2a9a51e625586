package dev.moco.operator.api;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.localcluster.TestCluster;
import dev.moco.localcluster.TestCluster.KubectlResult;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** A real API server with the definition, and a namespace on it. */
final class CrdCluster {
    static final String MINIMAL = """
            apiVersion: moco.dev/v1alpha1
            kind: MoCoExperiment
            metadata: {name: x}
            spec:
              data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}
            """;

    private final TestCluster cluster;
    private final String namespace;

    private CrdCluster(TestCluster cluster) {
        this.cluster = cluster;
        namespace = cluster.namespace("crd");
    }

    static CrdCluster start() throws Exception {
        TestCluster cluster = TestCluster.get();
        define(cluster, Files.readString(CrdTest.FILE));
        cluster.kubectl("wait", "--for=condition=Established", "crd/mocoexperiments.moco.dev", "--timeout=600s")
                .orFail();
        return new CrdCluster(cluster);
    }

    /** Replaces the definition; the server applies it shortly after. */
    void define(String definition) throws Exception {
        define(cluster, definition);
    }

    private static void define(TestCluster cluster, String definition) throws Exception {
        cluster.kubectlWithInput(definition, "apply", "--server-side", "--force-conflicts", "-f", "-")
                .orFail();
    }

    /** kubectl in the namespace. */
    KubectlResult kubectl(String... arguments) throws Exception {
        return cluster.kubectl(inNamespace(arguments));
    }

    /** {@code kubectl apply} of a text. */
    KubectlResult apply(String text, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("apply", "-f", "-"));
        arguments.addAll(List.of(more));
        return kubectlWithInput(text, arguments.toArray(String[]::new));
    }

    /** kubectl in the namespace, with a text as its standard input. */
    KubectlResult kubectlWithInput(String text, String... arguments) throws Exception {
        return cluster.kubectlWithInput(text, inNamespace(arguments));
    }

    private String[] inNamespace(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(List.of("-n", namespace));
        return all.toArray(String[]::new);
    }

    /** YAML as JSON, which {@code kubectl patch} takes. */
    static String json(String yaml) throws IOException {
        return new YAMLMapper().readTree(yaml).toString();
    }
}
