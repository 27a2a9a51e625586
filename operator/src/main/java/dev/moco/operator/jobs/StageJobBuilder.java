package dev.moco.operator.jobs;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import io.fabric8.kubernetes.api.model.OwnerReference;
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
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Makes the Job of a task, or the one Indexed Job of several trials; that of a task on several nodes is Indexed too. It has
 * no TTL before the experiment has ended: a Job that is gone before its end was recorded would run again.
 */
public final class StageJobBuilder {
    public static final String QUEUE = "kueue.x-k8s.io/queue-name";
    private static final String LEAST_PARALLELISM = "kueue.x-k8s.io/job-min-parallelism";
    /** Exit code of a process that SIGTERM ended before the stage handled signals. */
    private static final int TERMINATED = 128 + 15;

    private final Owner owner;
    private final Experiment experiment;
    private final Policy policy;
    private final JobNames names;
    private final StoreAccess store;
    private final StagePodBuilder pod;

    public StageJobBuilder(
            Owner owner, Experiment experiment, Policy policy, OperatorConfig config, StoreAccess store) {
        this.owner = owner;
        this.experiment = experiment;
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
     * @param checkpoints steps of the newest checkpoints, by task
     * @param taken whether a Job of the namespace has a name
     */
    public Job of(List<PlannedTask> tasks, Decision decision, Map<String, Long> checkpoints, Predicate<String> taken) {
        PlannedTask first = tasks.get(0);
        boolean trials = first.task().stage().hasTrials();
        Map<String, String> labels = labels(first, decision);
        Map<String, String> keys = keys(tasks);
        JobBuilder job = new JobBuilder()
                .withNewMetadata()
                .withNamespace(owner.namespace())
                .withName(names.next(first, decision, taken))
                .withLabels(labels)
                .withAnnotations(annotations(tasks, keys, checkpoints, trials))
                .withOwnerReferences(controller(owner))
                .endMetadata()
                .withNewSpec()
                // One writer of a checkpoint at a time: a pod is replaced after it has ended, not while it terminates.
                .withPodReplacementPolicy(PodPhase.FAILED)
                .withPodFailurePolicy(failures(trials))
                .withTemplate(pod.of(tasks, decision, labels, keys, trials))
                .endSpec();
        int nodes = policy.resources().of(first.task().stage()).nodes();
        if (nodes > 1) {
            // The pods succeed together or not at all, so the fault of one is a retry of the Job.
            job.editSpec()
                    .withCompletionMode("Indexed")
                    .withCompletions(nodes)
                    .withParallelism(nodes)
                    .withBackoffLimit(policy.retries())
                    .endSpec();
        } else if (trials) {
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

    /** Owner reference of a Job to the experiment that controls it. */
    public static OwnerReference controller(Owner owner) {
        return new OwnerReferenceBuilder()
                .withApiVersion(MoCoExperiment.API_VERSION)
                .withKind(MoCoExperiment.KIND)
                .withName(owner.name())
                .withUid(owner.uid())
                .withController(true)
                .build();
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

    /** Annotations of Job and pods: a pod that is still being stopped after its Job was deleted has them too. */
    private Map<String, String> keys(List<PlannedTask> tasks) {
        return Map.of(
                JobLabels.KEYS,
                tasks.stream()
                        .map(task ->
                                "\"" + task.task().name() + "\":\"" + task.key().orElseThrow() + "\"")
                        .collect(Collectors.joining(",", "{", "}")),
                JobLabels.STORE,
                store.uri());
    }

    private Map<String, String> annotations(
            List<PlannedTask> tasks, Map<String, String> keys, Map<String, Long> checkpoints, boolean trials) {
        Map<String, String> annotations = new TreeMap<>(keys);
        List<Long> steps = tasks.stream()
                .map(task -> checkpoints.getOrDefault(task.task().name(), 0L))
                .toList();
        if (steps.stream().anyMatch(step -> step > 0)) {
            annotations.put(
                    JobLabels.CHECKPOINTS, steps.stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
        annotations.put(JobLabels.POD_POLICY, JobPolicy.hash(tasks.get(0).task().stage(), experiment, policy));
        if (!trials) {
            annotations.put(JobLabels.RETRIES, Integer.toString(policy.retries()));
        }
        if (trials && tasks.size() > 1 && policy.scheduling().queueName().isPresent()) {
            // A queue with room for only some of the trials starts those.
            annotations.put(LEAST_PARALLELISM, "1");
        }
        return annotations;
    }

    /**
     * Disruptions do not count against backoffLimit, and bad data or configuration is not retried; the first match
     * counts.
     */
    private static PodFailurePolicy failures(boolean trials) {
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
                .withAction(trials ? "FailIndex" : "FailJob")
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
