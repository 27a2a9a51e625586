package dev.moco.operator.metrics;

import dev.moco.operator.jobs.JobLabels;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.time.Instant;

/**
 * A stage whose Job waits for a pod to run, or to be created itself.
 *
 * @param job the Job, created or refused
 * @param since beginning of the wait
 */
public record PendingStage(Job job, Instant since) {
    String[] labels() {
        return new String[] {
            "namespace",
            job.getMetadata().getNamespace(),
            "experiment",
            JobLabels.label(job, JobLabels.EXPERIMENT).orElse(""),
            "stage",
            JobLabels.label(job, JobLabels.STAGE).orElse(""),
            "task",
            JobLabels.label(job, JobLabels.TASK).orElse("")
        };
    }
}
