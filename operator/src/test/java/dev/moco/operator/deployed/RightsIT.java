package dev.moco.operator.deployed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.localcluster.TestNodeBuilder;
import dev.moco.operator.reconcile.FakeStages;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/**
 * The operator's roles grant exactly the rights that it needs: it does everything once with its shipped ServiceAccount,
 * and the API server's audit log is compared with the roles, verb by verb. Stages are faked.
 */
class RightsIT {
    private static final Duration PATIENCE = Duration.ofMinutes(15);
    /** Experiments whose first pre-training never ends. */
    private static final Set<String> ENDLESS = Set.of("stalls", "suspends");

    private final Map<String, String> endless = new ConcurrentHashMap<>();

    @Test
    void noRequestIsRefusedAndNoVerbIsUnused() throws Exception {
        FakeStages[] stages = new FakeStages[1];
        try (DeployedCluster deployed = DeployedCluster.start((node, store) -> {
            stages[0] = new FakeStages(store);
            return faked(node, stages[0]);
        })) {
            Rights rights = Rights.of(deployed.cluster().client(), List.of(rbac("operator.yaml"), rbac("lease.yaml")));
            assertThat(rights.all()).hasSizeGreaterThan(10);

            aQuotaKeepsPodsFromBeingCreated(deployed);
            apply(deployed, "stalls", 1, "timeouts: {stalledMinutes: 1}");
            apply(deployed, "succeeds", 2, "");
            deployed.await("succeeds", "Ready", PATIENCE);

            apply(deployed, "suspends", 3, "");
            String job = runningPretrain(deployed, "suspends");
            patch(deployed, "suspends", "{\"failurePolicy\": {\"retries\": 5}}");
            deployed.kubectl("wait", "--for=jsonpath={.spec.backoffLimit}=5", "job/" + job, "--timeout=600s");
            patch(deployed, "suspends", "{\"suspend\": true}");
            deployed.await("suspends", "Suspended", PATIENCE);
            deployed.kubectl("wait", "--for=delete", "job/" + job, "--timeout=600s");
            aJobThatTheOperatorsListsDoNotShow(deployed, job);
            patch(deployed, "suspends", "{\"suspend\": false}");
            // The operator reads this Job from the API server, deletes nothing that is not its own, and takes another
            // name.
            deployed.await("suspends", "Ready", PATIENCE);

            deployed.await("stalls", "Ready", PATIENCE);
            assertThat(deployed.kubectl("get", "moco", "stalls", "-o", "jsonpath={.status.stages[*].infraFailures}"))
                    .isEqualTo("1");

            stages[0].fail(Stage.PRETRAIN, ExitCode.BAD_CONFIG, "the queue is too long");
            apply(deployed, "fails", 4, "");
            deployed.await("fails", "Stalled", PATIENCE);

            // The operator releases the Lease at its end, and the next one acquires it.
            deployed.kubectl("rollout", "restart", "-n", DeployedCluster.SYSTEM, "deployment/moco-operator");
            deployed.kubectl(
                    "rollout", "status", "-n", DeployedCluster.SYSTEM, "deployment/moco-operator", "--timeout=600s");
            stages[0].mend();
            patch(deployed, "fails", "{\"retryToken\": \"again\"}");
            deployed.await("fails", "Ready", PATIENCE);

            assertThat(rights.beyond(deployed.operatorRequests()))
                    .as("refused, or by no rule")
                    .isEmpty();
            assertThat(rights.unused(deployed.operatorRequests()))
                    .as("granted and unused")
                    .isEmpty();
        }
    }

    private static Path rbac(String file) {
        return DeployedCluster.home().resolve("manifests/rbac").resolve(file);
    }

    private TestNodeBuilder faked(TestNodeBuilder node, FakeStages stages) {
        return node.fake(this::isEndless, Duration.ofHours(1), stages)
                .fake(RightsIT::isStage, Duration.ofMillis(300), stages);
    }

    private boolean isEndless(Pod pod) {
        Map<String, String> labels = pod.getMetadata().getLabels();
        String experiment = labels.getOrDefault("moco.dev/experiment", "");
        return "pretrain".equals(labels.get("moco.dev/stage"))
                && ENDLESS.contains(experiment)
                && endless.computeIfAbsent(experiment, name -> pod.getMetadata().getUid())
                        .equals(pod.getMetadata().getUid());
    }

    private static boolean isStage(Pod pod) {
        return "moco-stage".equals(pod.getMetadata().getLabels().get("app.kubernetes.io/name"));
    }

    private static void apply(DeployedCluster deployed, String name, int seed, String more) throws Exception {
        deployed.cluster()
                .kubectlWithInput("""
                        apiVersion: moco.dev/v1alpha1
                        kind: MoCoExperiment
                        metadata: {name: %s}
                        spec:
                          data: {imagenet: data/imagenet, voc: data/voc, vocClasses: [trouser, sneaker, bag, tshirt]}
                          pretrain: {seed: %s}
                          detection: {trials: 1}
                          resources: {accelerator: None}
                          %s
                        """.formatted(name, seed, more), "apply", "-f", "-")
                .orFail();
    }

    private static void patch(DeployedCluster deployed, String name, String spec) throws Exception {
        deployed.kubectl("patch", "mocoexperiment", name, "--type=merge", "-p", "{\"spec\":" + spec + "}");
    }

    /** The operator lists the events of a Job without pods. */
    private static void aQuotaKeepsPodsFromBeingCreated(DeployedCluster deployed) throws Exception {
        deployed.kubectl("create", "quota", "none", "--hard=pods=0");
        deployed.kubectl("wait", "--for=jsonpath={.status.hard.pods}=0", "quota/none", "--timeout=600s");
        apply(deployed, "waits", 5, "");
        await().atMost(PATIENCE)
                .until(() -> deployed.kubectl("get", "moco", "waits", "-o", "jsonpath={.status.stages[0].reason}")
                        .contains("exceeded quota: none"));
        deployed.kubectl("delete", "quota", "none");
    }

    private static String runningPretrain(DeployedCluster deployed, String name) throws Exception {
        String stage = "{.status.stages[?(@.name==\"pretrain\")].%s}";
        deployed.kubectl(
                "wait", "--for=jsonpath=" + stage.formatted("state") + "=Running", "moco/" + name, "--timeout=600s");
        return deployed.kubectl("get", "moco", name, "-o", "jsonpath=" + stage.formatted("job"));
    }

    /** A Job with a name that the operator will use, and none of its labels. */
    private static void aJobThatTheOperatorsListsDoNotShow(DeployedCluster deployed, String name) {
        deployed.cluster()
                .client()
                .resource(new JobBuilder()
                        .withNewMetadata()
                        .withNamespace(DeployedCluster.NAMESPACE)
                        .withName(name)
                        .endMetadata()
                        .withNewSpec()
                        .withSuspend(true)
                        .withNewTemplate()
                        .withNewSpec()
                        .withRestartPolicy("Never")
                        .addNewContainer()
                        .withName("stage")
                        .withImage("another")
                        .endContainer()
                        .endSpec()
                        .endTemplate()
                        .endSpec()
                        .build())
                .create();
    }
}
