package dev.moco.operator.observe;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A Job of which no pod can be created. */
class WaitingReasonTest {
    private static final Instant CREATED = Instant.parse("2026-01-01T00:00:00Z");
    private static final String WARNING = "no pod of it can be created: exceeded quota: none";

    @Test
    void theNewestWarningIsTheReasonOnceThePodIsLate() {
        assertThat(after(Duration.ofSeconds(4), job(false))).isEqualTo("is starting");
        assertThat(after(Duration.ofSeconds(5), job(false))).isEqualTo(WARNING);
    }

    @Test
    void aPodThatExistsHasItsOwnReason() {
        Pod waiting = new PodBuilder()
                .withNewMetadata()
                .withName("pretrain-x")
                .withCreationTimestamp(CREATED.toString())
                .endMetadata()
                .withNewStatus()
                .withPhase("Pending")
                .endStatus()
                .build();
        assertThat(after(Duration.ofMinutes(1), job(false), waiting)).isEqualTo("is starting");
    }

    @Test
    void aJobThatAQueueHoldsHasNoneToLookAt() {
        assertThat(after(Duration.ofMinutes(1), job(true))).contains("its Job is suspended");
        assertThat(WaitingReason.nextRead(job(true), new StagePods(List.of()), CREATED))
                .isEmpty();
    }

    @Test
    void warningsAreReadAgainWhileThereIsNoPod() {
        StagePods none = new StagePods(List.of());
        assertThat(WaitingReason.nextRead(job(false), none, CREATED.plusSeconds(1)))
                .contains(CREATED.plusSeconds(5));
        assertThat(WaitingReason.nextRead(job(false), none, CREATED.plusSeconds(100)))
                .contains(CREATED.plusSeconds(120));
    }

    private static Job job(boolean suspended) {
        return new JobBuilder()
                .withNewMetadata()
                .withName("pretrain")
                .withCreationTimestamp(CREATED.toString())
                .endMetadata()
                .withNewSpec()
                .withSuspend(suspended)
                .endSpec()
                .build();
    }

    private static String after(Duration time, Job job, Pod... pods) {
        JobCache jobs = (JobCache) Proxy.newProxyInstance(
                JobCache.class.getClassLoader(),
                new Class<?>[] {JobCache.class},
                (proxy, method, arguments) -> method.getName().equals("warning") ? Optional.of(WARNING) : List.of());
        return WaitingReason.of(job, new StagePods(List.of(pods)), jobs, CREATED.plus(time));
    }
}
