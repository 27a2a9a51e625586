package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JobRefusalsTest {
    private static final ResourceID OWNER = new ResourceID("x", "lab");

    private final SettableClock clock = new SettableClock();
    private final JobRefusals refusals = new JobRefusals(clock);
    private final Job job = job("pretrain-1", 3);

    @Test
    void attemptsBackOffThoughTheMessageDiffersEachTime() {
        List<Long> delays = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            assertThat(refusals.wait(job)).isEmpty();
            assertThat(refusals.refused(job, "exceeded quota, try " + i))
                    .as("the status reports each message")
                    .isTrue();
            Duration wait = refusals.wait(job).orElseThrow();
            delays.add(wait.toSeconds());
            clock.now = clock.now.plus(wait);
        }
        assertThat(delays).containsExactly(5L, 10L, 20L, 40L, 80L, 160L, 300L, 300L, 300L);
        assertThat(refusals.message("lab", "pretrain-1")).contains("exceeded quota, try 8");
    }

    @Test
    void theSameMessageIsReportedOnce() {
        assertThat(refusals.refused(job, "exceeded quota")).isTrue();
        assertThat(refusals.refused(job, "exceeded quota")).isFalse();
    }

    @Test
    void aJobWithAnotherSpecIsTriedAtOnce() {
        refusals.refused(job, "exceeded quota");
        assertThat(refusals.wait(job("pretrain-1", 4))).isEmpty();
    }

    @Test
    void aCreatedJobIsNotRefusedAnyMore() {
        refusals.refused(job, "exceeded quota");
        refusals.created(job);
        assertThat(refusals.all()).isEmpty();
    }

    @Test
    void onlyJobsThatAreNeededAreKept() {
        Job other = job("linear-1", 3);
        refusals.refused(job, "exceeded quota");
        refusals.refused(other, "exceeded quota");
        refusals.retain(new ResourceID("y", "lab"), List.of());
        refusals.retain(new ResourceID("x", "other"), List.of());
        assertThat(refusals.all()).hasSize(2);
        refusals.retain(OWNER, List.of(other));
        assertThat(refusals.all()).extracting(JobRefusals.Refusal::job).containsExactly(other);
    }

    @Test
    void theWaitBeginsWithTheFirstRefusal() {
        Instant first = clock.now;
        refusals.refused(job, "exceeded quota");
        clock.now = first.plusSeconds(60);
        refusals.refused(job, "exceeded quota");
        assertThat(refusals.all()).extracting(JobRefusals.Refusal::since).containsExactly(first);
    }

    @Test
    void experimentsThatNeedAJobOfTheSameNameBackOffEachByItself() {
        Job other = new JobBuilder(job("pretrain-1", 7))
                .editMetadata()
                .addToLabels(JobLabels.EXPERIMENT, "y")
                .endMetadata()
                .build();
        refusals.refused(job, "exceeded quota");
        refusals.refused(other, "exceeded quota");
        refusals.refused(job, "exceeded quota");
        assertThat(refusals.wait(job)).contains(Duration.ofSeconds(10));
        assertThat(refusals.wait(other)).contains(Duration.ofSeconds(5));
    }

    private static Job job(String name, int retries) {
        return new JobBuilder()
                .withNewMetadata()
                .withNamespace("lab")
                .withName(name)
                .addToLabels(JobLabels.EXPERIMENT, "x")
                .endMetadata()
                .withNewSpec()
                .withBackoffLimit(retries)
                .endSpec()
                .build();
    }

    private static final class SettableClock extends Clock {
        private Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneOffset getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
            return this;
        }
    }
}
