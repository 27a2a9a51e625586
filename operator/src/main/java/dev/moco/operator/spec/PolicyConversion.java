package dev.moco.operator.spec;

import dev.moco.contract.Stage;
import dev.moco.operator.api.MoCoExperimentSpec;
import dev.moco.operator.api.ResourcesSpec;
import dev.moco.operator.api.ResourcesSpec.StageResources;
import dev.moco.operator.api.RetentionSpec;
import dev.moco.operator.api.SchedulingSpec;
import dev.moco.operator.api.SchedulingSpec.Effect;
import dev.moco.operator.api.SchedulingSpec.TolerationSpec;
import dev.moco.operator.api.StorageSpec;
import dev.moco.operator.api.TimeoutsSpec;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.plan.Policy.Access;
import dev.moco.operator.plan.Policy.DeletionPolicy;
import dev.moco.operator.plan.Policy.Gates;
import dev.moco.operator.plan.Policy.Resource;
import dev.moco.operator.plan.Policy.Resources;
import dev.moco.operator.plan.Policy.Retention;
import dev.moco.operator.plan.Policy.Scheduling;
import dev.moco.operator.plan.Policy.TaintToleration;
import dev.moco.operator.plan.Policy.Timeouts;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Policy of a valid spec: all that may change while an experiment runs. */
final class PolicyConversion {
    private PolicyConversion() {}

    static Policy policy(MoCoExperimentSpec spec) {
        return new Policy(
                spec.suspend(),
                spec.cancel(),
                Optional.ofNullable(spec.retryToken()),
                spec.failurePolicy().retries(),
                timeouts(spec.timeouts()),
                scheduling(spec.scheduling()),
                retention(spec.retention()),
                resources(spec.resources(), spec.pretrain().ranks()),
                new Gates(spec.gates().dataWaitShare()),
                access(spec.storage()));
    }

    private static Timeouts timeouts(TimeoutsSpec timeouts) {
        return new Timeouts(timeouts.pendingMinutes(), timeouts.activeHours(), timeouts.stalledMinutes());
    }

    private static Scheduling scheduling(@Nullable SchedulingSpec scheduling) {
        if (scheduling == null) {
            return new Scheduling(Optional.empty(), Optional.empty(), Map.of(), List.of());
        }
        return new Scheduling(
                Optional.ofNullable(scheduling.queueName()),
                Optional.ofNullable(scheduling.priorityClassName()),
                Objects.requireNonNullElse(scheduling.nodeSelector(), Map.of()),
                Objects.requireNonNullElse(scheduling.tolerations(), List.<TolerationSpec>of()).stream()
                        .map(PolicyConversion::toleration)
                        .toList());
    }

    private static TaintToleration toleration(TolerationSpec toleration) {
        return new TaintToleration(
                Optional.ofNullable(toleration.key()),
                toleration.comparison().text(),
                Optional.ofNullable(toleration.value()),
                Optional.ofNullable(toleration.effect()).map(Effect::text),
                Optional.ofNullable(toleration.tolerationSeconds()));
    }

    private static Retention retention(RetentionSpec retention) {
        return new Retention(
                retention.jobsTtlSeconds(),
                switch (retention.onDelete()) {
                    case RETAIN -> DeletionPolicy.RETAIN;
                },
                retention.checkpoints() == null ? 0 : retention.checkpoints().everyEpochs());
    }

    private static Resources resources(ResourcesSpec resources, int pretrainRanks) {
        Optional<String> accelerator =
                Optional.of(resources.accelerator()).filter(name -> !name.equals(ResourcesSpec.NONE));
        Map<Stage, Resource> stages = new EnumMap<>(Stage.class);
        for (Stage stage : Stage.values()) {
            int nodes = Objects.requireNonNullElse(resources.of(stage).nodes(), 1);
            int preset = accelerator.isPresent() ? ResourcesSpec.presetGpus(stage, pretrainRanks, nodes) : 0;
            stages.put(stage, resource(stage, resources.of(stage), preset, nodes));
        }
        return new Resources(accelerator, Optional.ofNullable(resources.image()), resources.deterministic(), stages);
    }

    private static Resource resource(Stage stage, StageResources given, int presetGpus, int nodes) {
        int gpus = Objects.requireNonNullElse(given.gpus(), presetGpus);
        return new Resource(
                gpus,
                Objects.requireNonNullElse(
                        given.cpu(),
                        stage.readsRawData()
                                ? StageResources.PREPARE_CPU
                                : Math.max(StageResources.CPU, gpus * StageResources.CPU_OF_GPU)),
                Optional.ofNullable(given.memory()),
                Optional.ofNullable(given.shm()),
                Optional.ofNullable(given.ephemeralStorage()),
                nodes);
    }

    private static Access access(@Nullable StorageSpec storage) {
        return storage == null
                ? new Access(Optional.empty(), Optional.empty())
                : new Access(
                        Optional.ofNullable(storage.credentialsSecret()),
                        Optional.ofNullable(storage.serviceAccountName()));
    }
}
