package dev.moco.operator.decide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.localcluster.TestCluster;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ServiceAccountBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A real API server with restricted Pod Security accepts every Job of {@code plans/} and its pods. */
class PlansIT {
    private static KubernetesClient client;
    private static String namespace;

    @BeforeAll
    static void start() throws Exception {
        TestCluster cluster = TestCluster.get();
        client = cluster.client();
        namespace = cluster.namespace("plans");
        client.namespaces().withName(namespace).edit(restricted -> {
            restricted.getMetadata().getLabels().put("pod-security.kubernetes.io/enforce", "restricted");
            return restricted;
        });
        client.serviceAccounts()
                .inNamespace(namespace)
                .resource(new ServiceAccountBuilder()
                        .withNewMetadata()
                        .withName("experiments")
                        .endMetadata()
                        .build())
                .create();
    }

    static Stream<String> cases() throws IOException {
        return PlansTest.cases();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void theServerAcceptsTheJobsAndTheirPods(String name) throws IOException {
        for (Job job : jobs(name)) {
            job.getMetadata().setNamespace(namespace);
            Job taken = client.batch()
                    .v1()
                    .jobs()
                    .inNamespace(namespace)
                    .resource(job)
                    .dryRun()
                    .create();
            // The server knows every field and replaces no value.
            assertThat(taken.getSpec().getPodFailurePolicy())
                    .isEqualTo(job.getSpec().getPodFailurePolicy());
            assertThat(taken.getSpec().getPodReplacementPolicy()).isEqualTo("Failed");
            assertThat(taken.getSpec().getBackoffLimitPerIndex())
                    .isEqualTo(job.getSpec().getBackoffLimitPerIndex());
            assertThat(taken.getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .get(0)
                            .getEnv())
                    .isEqualTo(job.getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .get(0)
                            .getEnv());
            assertThat(client.pods()
                            .inNamespace(namespace)
                            .resource(pod(job))
                            .dryRun()
                            .create())
                    .isNotNull();
        }
    }

    private static List<Job> jobs(String name) throws IOException {
        try (var file = Files.newInputStream(PlansTest.PLANS.resolve(name).resolve("jobs.yaml"))) {
            return client.load(file).items().stream().map(Job.class::cast).toList();
        }
    }

    private static Pod pod(Job job) {
        PodTemplateSpec template = job.getSpec().getTemplate();
        // A PriorityClass is created by an administrator.
        return new PodBuilder()
                .withMetadata(template.getMetadata())
                .editMetadata()
                .withName(job.getMetadata().getName() + "-0-abcde")
                .endMetadata()
                .withSpec(template.getSpec())
                .editSpec()
                .withPriorityClassName(null)
                .endSpec()
                .build();
    }
}
