package dev.moco.operator.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class StoreOfTest {
    @Test
    void thePodsOfAStageNameStoreAndSecret() {
        Pod pod = new PodBuilder()
                .withNewMetadata()
                .withName("p")
                .endMetadata()
                .withNewSpec()
                .addNewContainer()
                .withName("stage")
                .addNewEnv()
                .withName(StageTask.VARIABLE)
                .withValue("{\"name\":\"pretrain\",\"store\":{\"bucket\":\"b1x\",\"prefix\":\"p\",\"endpoint\":"
                        + "\"http://s3:9000\",\"region\":null,\"pathStyle\":true,\"checksums\":true}}")
                .endEnv()
                .addNewEnv()
                .withName("AWS_ACCESS_KEY_ID")
                .withNewValueFrom()
                .withNewSecretKeyRef("AWS_ACCESS_KEY_ID", "team", false)
                .endValueFrom()
                .endEnv()
                .endContainer()
                .endSpec()
                .build();
        assertThat(StoreOf.pods(List.of(pod)))
                .contains(new StoreOf(
                        new StoreLocation("b1x", "p", "http://s3:9000", null, true, true), Optional.of("team")));
        assertThat(StoreOf.pods(List.of())).isEmpty();
    }

    @Test
    void theOperatorsVariablesNameItsDefaultStore() {
        assertThat(StoreOf.operator(
                        Map.of(
                                "MOCO_STORE",
                                "s3://experiments/moco",
                                "MOCO_STORE_ENDPOINT",
                                "http://s3:9000",
                                "MOCO_STORE_SECRET",
                                "moco-s3"),
                        "lab"))
                .contains(new StoreOf(
                        new StoreLocation("experiments", "moco/lab", "http://s3:9000", null, true, true),
                        Optional.of("moco-s3")));
        assertThat(StoreOf.operator(Map.of("MOCO_STORE", "s3://experiments/moco", "MOCO_SHARE_STORE", "true"), "lab"))
                .contains(new StoreOf(
                        new StoreLocation("experiments", "moco", null, null, false, true), Optional.empty()));
        assertThat(StoreOf.operator(Map.of(), "lab")).isEmpty();
    }

    @Test
    void theUriOfAReportNamesTheStore() {
        assertThat(StoreOf.uri(TestResources.succeeded())).contains("s3://experiments/moco");
        assertThat(StoreOf.uri(TestResources.view(
                        "status: {reportUri: 's3://other/deep/er/v1/experiments/n/x/u/report.html'}")))
                .contains("s3://other/deep/er");
        assertThat(StoreOf.uri(TestResources.view("spec: {}"))).isEmpty();
    }
}
