package dev.moco.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PodWaitTest {
    private static final String CREATED = "2026-01-01T00:00:00Z";
    private static final String LATER = "2026-01-01T01:00:00Z";
    private static final String LAST = "2026-01-01T02:00:00Z";

    @Test
    void aJobWithoutAPodWaitsSinceItsCreation() {
        assertThat(since(job())).contains(Instant.parse(CREATED));
    }

    @Test
    void aJobThatAQueueHoldsWaitsToo() {
        assertThat(since(job().editSpec().withSuspend(true).endSpec())).contains(Instant.parse(CREATED));
    }

    @Test
    void aJobThatWasPreemptedInItsQueueWaitsSinceThen() {
        assertThat(since(job().editSpec()
                        .withSuspend(true)
                        .endSpec()
                        .editOrNewStatus()
                        .addNewCondition()
                        .withType("Suspended")
                        .withStatus("True")
                        .withLastTransitionTime(LAST)
                        .endCondition()
                        .endStatus()))
                .contains(Instant.parse(LAST));
    }

    @Test
    void theOldestWaitingPodCounts() {
        assertThat(since(job(), pod("Pending", LATER), pod("Pending", LAST), pod("Running", CREATED)))
                .contains(Instant.parse(LATER));
    }

    @Test
    void aJobWhosePodsAllRunDoesNotWait() {
        assertThat(since(job(), pod("Running", LATER))).isEmpty();
    }

    @Test
    void aJobWhosePodIsGoneWaitsSinceItsEnd() {
        Pod ended = new PodBuilder(pod("Failed", CREATED))
                .editStatus()
                .addNewContainerStatus()
                .withName("stage")
                .withNewState()
                .withNewTerminated()
                .withExitCode(75)
                .withStartedAt(CREATED)
                .withFinishedAt(LAST)
                .endTerminated()
                .endState()
                .endContainerStatus()
                .endStatus()
                .build();
        assertThat(since(job(), ended)).contains(Instant.parse(LAST));
    }

    @Test
    void anEndedJobAndOneBeingDeletedDoNotWait() {
        assertThat(since(job().editOrNewStatus()
                        .addNewCondition()
                        .withType("Complete")
                        .withStatus("True")
                        .endCondition()
                        .endStatus()))
                .isEmpty();
        assertThat(since(job().editMetadata().withDeletionTimestamp(LATER).endMetadata()))
                .isEmpty();
    }

    private static JobBuilder job() {
        return new JobBuilder()
                .withNewMetadata()
                .withName("pretrain")
                .withCreationTimestamp(CREATED)
                .endMetadata()
                .withNewSpec()
                .endSpec();
    }

    private static Pod pod(String phase, String created) {
        return new PodBuilder()
                .withNewMetadata()
                .withName(phase + created)
                .withCreationTimestamp(created)
                .endMetadata()
                .withNewStatus()
                .withPhase(phase)
                .endStatus()
                .build();
    }

    private static Optional<Instant> since(JobBuilder job, Pod... pods) {
        return PodWait.since(job.build(), List.of(pods));
    }
}
