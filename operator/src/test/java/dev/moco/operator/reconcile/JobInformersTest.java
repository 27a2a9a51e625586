package dev.moco.operator.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import org.junit.jupiter.api.Test;

class JobInformersTest {
    @Test
    void onlyShortAnnotationsThatAreReadAreKept() {
        Job job = new JobBuilder()
                .withNewMetadata()
                .withName("pretrain-1")
                .addToAnnotations(JobLabels.RETRIES, "3")
                .addToAnnotations(JobLabels.KEYS, "x".repeat(1 << 18))
                .addToAnnotations("somebody.example/notes", "x".repeat(1 << 18))
                .endMetadata()
                .withNewSpec()
                .endSpec()
                .build();
        assertThat(JobInformers.stripped(job).getMetadata().getAnnotations()).containsOnlyKeys(JobLabels.RETRIES);
    }
}
