package dev.moco.operator.decide;

import dev.moco.operator.jobs.JobLabels;
import dev.moco.operator.jobs.JobPolicy;
import dev.moco.operator.observe.ExperimentJobs;
import dev.moco.operator.observe.ReconcileInput;
import dev.moco.operator.observe.StagePods;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobStatus;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Brings a change of the policy to Jobs that exist: retries by a patch; what is in the template of the pods by a new Job,
 * if no pod of the old one has run. Compared are the policies and not the Job's fields, which a queue may change.
 */
final class PolicyChanges {
    private final ReconcileInput input;
    private final List<Job> jobs;

    PolicyChanges(ReconcileInput input) {
        this.input = input;
        this.jobs = new ExperimentJobs(input)
                .unended().stream()
                        .filter(job ->
                                JobLabels.isControlled(job) && job.getMetadata().getDeletionTimestamp() == null)
                        .toList();
    }

    /** Deletions of Jobs none of whose pods has run; they are created anew. */
    List<Action> outdated(Decision decision) {
        return jobs.stream()
                .filter(job -> Actions.tasks(job, decision).stream().anyMatch(task -> differs(job, task)))
                .filter(job -> neverRan(job, new StagePods(input.jobs().pods(job))))
                .map(job -> Actions.delete(job, "the policy of its pods has changed, and none has run"))
                .toList();
    }

    private boolean differs(Job job, PlannedTask task) {
        String policy = JobPolicy.hash(task.task().stage(), input.experiment(), input.policy());
        // An earlier version of the operator did not say what it had made the Job with.
        return !JobLabels.annotation(job, JobLabels.POD_POLICY).orElse(policy).equals(policy);
    }

    private static boolean neverRan(Job job, StagePods pods) {
        @Nullable JobStatus status = job.getStatus();
        return pods.pods().stream().allMatch(pod -> StagePods.startOf(pod).isEmpty())
                && (status == null
                        || Stream.of(status.getReady(), status.getFailed(), status.getSucceeded())
                                .allMatch(number -> number == null || number == 0));
    }

    /** Patches of Jobs whose number of retries has changed. Those of trials are fixed, see {@link #outdated}. */
    List<Action.Patch> patches(Decision decision) {
        String retries = Integer.toString(input.policy().retries());
        return jobs.stream()
                .filter(job -> Actions.tasks(job, decision).stream()
                                .anyMatch(task -> !task.task().stage().hasTrials())
                        && !retries(job).equals(retries))
                .map(job -> Actions.patch(
                        job,
                        Map.of(
                                "metadata",
                                Map.of(
                                        "uid",
                                        job.getMetadata().getUid(),
                                        "annotations",
                                        Map.of(JobLabels.RETRIES, retries)),
                                "spec",
                                Map.of("backoffLimit", input.policy().retries())),
                        "spec.failurePolicy.retries has changed"))
                .toList();
    }

    private static String retries(Job job) {
        return JobLabels.annotation(job, JobLabels.RETRIES)
                .orElseGet(() -> String.valueOf(job.getSpec().getBackoffLimit()));
    }
}
