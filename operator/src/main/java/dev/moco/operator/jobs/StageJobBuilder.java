package dev.moco.operator.jobs;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import io.fabric8.kubernetes.api.model.OwnerReferenceBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicy;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyOnExitCodesRequirement;
import io.fabric8.kubernetes.api.model.batch.v1.PodFailurePolicyOnExitCodesRequirementBuilder;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Makes the Job of a task, or the one Indexed Job of several trials. It is created once and never updated. */
public final class StageJobBuilder {
    public static final String QUEUE = "kueue.x-k8s.io/queue-name";
    private static final String LEAST_PARALLELISM = "kueue.x-k8s.io/job-min-parallelism";
    /** Exit code of a process that SIGTERM ended before the stage handled signals. */
    private static final int TERMINATED = 128 + 15;
    /** Least TTL: a Job that is deleted before the status has reported its end would be created again. */
    private static final int MIN_TTL_SECONDS = 60;

    private final Owner owner;
    private final Policy policy;
    private final JobNames names;
    private final StoreAccess store;
    private final StagePodBuilder pod;

    public StageJobBuilder(
            Owner owner, Experiment experiment, Policy policy, OperatorConfig config, StoreAccess store) {
        this.owner = owner;
        this.policy = policy;
        this.names = new JobNames(owner, experiment, policy, config);
        this.store = store;
        this.pod = new StagePodBuilder(experiment, policy, config, store);
    }

    /**
     * A Job.
     *
     * @param tasks tasks that may start: one, or trials of the same stage
     * @param decision all tasks
     */
    public Job of(List<PlannedTask> tasks, Decision decision) {
        PlannedTask first = tasks.get(0);
        boolean indexed = first.task().stage().hasTrials();
        Map<String, String> labels = labels(first, decision);
        JobBuilder job = new JobBuilder()
                .withNewMetadata()
                .withNamespace(owner.namespace())
                .withName(names.job(first, decision))
                .withLabels(labels)
                .withAnnotations(annotations(tasks, indexed))
                .withOwnerReferences(new OwnerReferenceBuilder()
                        .withApiVersion(MoCoExperiment.API_VERSION)
                        .withKind(MoCoExperiment.KIND)
                        .withName(owner.name())
                        .withUid(owner.uid())
                        .withController(true)
                        .build())
                .endMetadata()
                .withNewSpec()
                // One writer of a checkpoint at a time: a pod is replaced after it has ended, not while it terminates.
                .withPodReplacementPolicy(PodPhase.FAILED)
                .withPodFailurePolicy(failures(indexed))
                .withTtlSecondsAfterFinished(
                        Math.max(MIN_TTL_SECONDS, policy.retention().jobsTtlSeconds()))
                .withTemplate(pod.of(tasks, labels, indexed))
                .endSpec();
        if (indexed) {
            job.editSpec()
                    .withCompletionMode("Indexed")
                    .withCompletions(tasks.size())
                    .withParallelism(tasks.size())
                    .withBackoffLimitPerIndex(policy.retries())
                    .withMaxFailedIndexes(tasks.size())
                    .endSpec();
        } else {
            job.editSpec().withBackoffLimit(policy.retries()).endSpec();
        }
        if (policy.scheduling().queueName().isPresent()) {
            job.editMetadata()
                    .addToLabels(QUEUE, policy.scheduling().queueName().get())
                    .endMetadata();
            // Kueue resumes it when there is room for it.
            job.editSpec().withSuspend(true).endSpec();
        }
        return job.build();
    }

    private Map<String, String> labels(PlannedTask first, Decision decision) {
        Map<String, String> labels = new TreeMap<>();
        labels.put(JobLabels.NAME, JobLabels.NAME_VALUE);
        labels.put(JobLabels.MANAGED_BY, JobLabels.MANAGED_BY_VALUE);
        labels.put(JobLabels.EXPERIMENT, owner.name());
        labels.put(JobLabels.STAGE, first.task().stage().id());
        labels.put(JobLabels.TASK, JobNames.task(first));
        labels.put(JobLabels.KEY, JobNames.shortKey(first, decision));
        return labels;
    }

    private Map<String, String> annotations(List<PlannedTask> tasks, boolean indexed) {
        Map<String, String> annotations = new TreeMap<>();
        annotations.put(
                JobLabels.KEYS,
                tasks.stream()
                        .map(task ->
                                "\"" + task.task().name() + "\":\"" + task.key().orElseThrow() + "\"")
                        .collect(Collectors.joining(",", "{", "}")));
        annotations.put(JobLabels.STORE, store.uri());
        if (indexed && tasks.size() > 1 && policy.scheduling().queueName().isPresent()) {
            // A queue with room for only some of the trials starts those.
            annotations.put(LEAST_PARALLELISM, "1");
        }
        return annotations;
    }

    /**
     * Disruptions do not count against backoffLimit, and bad data or configuration is not retried; the first match
     * counts.
     */
    private static PodFailurePolicy failures(boolean indexed) {
        return new PodFailurePolicyBuilder()
                .addNewRule()
                .withAction("Ignore")
                .addNewOnPodCondition(ConditionStatus.TRUE, "DisruptionTarget")
                .endRule()
                .addNewRule()
                .withAction("Ignore")
                .withOnExitCodes(exitCodes(ExitCode.INTERRUPTED, TERMINATED))
                .endRule()
                .addNewRule()
                .withAction(indexed ? "FailIndex" : "FailJob")
                .withOnExitCodes(exitCodes(ExitCode.BAD_DATA, ExitCode.BAD_CONFIG))
                .endRule()
                .build();
    }

    private static PodFailurePolicyOnExitCodesRequirement exitCodes(Integer... codes) {
        return new PodFailurePolicyOnExitCodesRequirementBuilder()
                .withContainerName(StageContainerBuilder.NAME)
                .withOperator("In")
                .withValues(codes)
                .build();
    }
}
