package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Changes of the policy while a Job exists, on a real control plane. */
class PolicyIT {
    private OperatorFixture fixture;

    @BeforeEach
    void start() throws Exception {
        fixture = OperatorFixture.of("policy");
        fixture.operator();
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    @Test
    void aCorrectedNodeSelectorReachesAJobWhosePodWaits() throws Exception {
        fixture.fakeNode(Duration.ofHours(1), new FakeStages(fixture.store()));
        fixture.apply("tiny", "");
        fixture.awaitStatus("tiny", status -> status.stages().get(0).state().equals("Running"));
        fixture.patch("tiny", "{\"suspend\": true}");
        await().atMost(Duration.ofMinutes(10)).until(() -> fixture.jobs().isEmpty());

        fixture.patch("tiny", "{\"suspend\": false, \"scheduling\": {\"nodeSelector\": {\"gpu\": \"none-has-it\"}}}");
        fixture.awaitStatus(
                "tiny",
                status -> status.stages().get(0).reason().contains("didn't match Pod's node affinity/selector"));
        String before = prepare().getMetadata().getUid();
        fixture.patch("tiny", "{\"scheduling\": {\"nodeSelector\": {\"gpu\": null}}}");
        fixture.awaitStatus("tiny", status -> status.stages().get(0).state().equals("Running"));
        assertThat(prepare().getMetadata().getUid()).isNotEqualTo(before);
    }

    @Test
    void otherRetriesReachARunningJobAndAnotherImageDoesNot() throws Exception {
        fixture.fakeNode(Duration.ofHours(1), new FakeStages(fixture.store()));
        fixture.apply("tiny", "failurePolicy: {retries: 0}");
        fixture.awaitStatus("tiny", status -> status.stages().get(0).state().equals("Running"));
        Job before = prepare();
        fixture.patch("tiny", "{\"failurePolicy\": {\"retries\": 3}, \"resources\": {\"image\": \"other:1\"}}");
        await().atMost(Duration.ofMinutes(10)).until(() -> prepare().getSpec().getBackoffLimit() == 3);
        assertThat(prepare().getMetadata().getUid())
                .isEqualTo(before.getMetadata().getUid());
        assertThat(prepare().getSpec().getTemplate()).isEqualTo(before.getSpec().getTemplate());
    }

    private Job prepare() {
        return fixture.jobs().stream()
                .filter(job -> job.getMetadata().getName().startsWith("prepare-imagenet-"))
                .findFirst()
                .orElseThrow();
    }
}
