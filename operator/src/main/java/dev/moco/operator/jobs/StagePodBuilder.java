package dev.moco.operator.jobs;

import dev.moco.contract.Experiment;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Toleration;
import io.fabric8.kubernetes.api.model.TolerationBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the pod of a stage: one container under restricted Pod Security, which writes only to its own volumes. */
final class StagePodBuilder {
    private static final String DEFAULT_SHARED_MEMORY = "1Gi";
    private static final long USER = 65_532;
    /** Between SIGTERM and SIGKILL: long enough for a checkpoint. */
    private static final long GRACE_SECONDS = 120;

    private final Policy policy;
    private final OperatorConfig config;
    private final StageContainerBuilder container;

    StagePodBuilder(Experiment experiment, Policy policy, OperatorConfig config, StoreAccess store) {
        this.policy = policy;
        this.config = config;
        this.container = new StageContainerBuilder(experiment, policy, config, store);
    }

    PodTemplateSpec of(
            List<PlannedTask> tasks,
            Decision decision,
            Map<String, String> labels,
            Map<String, String> annotations,
            boolean indexed) {
        PlannedTask first = tasks.get(0);
        StageDisk disk =
                StageDisk.of(first, decision, policy.resources().of(first.task().stage()));
        Policy.Scheduling scheduling = policy.scheduling();
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(labels)
                .withAnnotations(new TreeMap<>(annotations))
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withTerminationGracePeriodSeconds(GRACE_SECONDS)
                .withAutomountServiceAccountToken(false)
                .withServiceAccountName(policy.access().serviceAccountName().orElse(null))
                .withPriorityClassName(scheduling.priorityClassName().orElse(null))
                .withNodeSelector(new TreeMap<>(scheduling.nodeSelector()))
                .withTolerations(scheduling.tolerations().stream()
                        .map(StagePodBuilder::toleration)
                        .toList())
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile(null, "RuntimeDefault")
                .endSecurityContext()
                .withContainers(container
                        .of(tasks, decision, disk, indexed)
                        .withVolumeMounts(mounts(first))
                        .build())
                .withVolumes(volumes(first, disk))
                .endSpec()
                .build();
    }

    /** The claim with the folders of raw data, where a stage reads one; without a claim the image has them. */
    private Optional<String> dataClaim(PlannedTask first) {
        boolean reads = first.task().stage().readsRawData()
                && first.task()
                        .source()
                        .filter(source -> !StoreLocation.isBucket(source))
                        .isPresent();
        return config.dataClaim().filter(claim -> reads && config.dataRoot().isPresent());
    }

    private List<VolumeMount> mounts(PlannedTask first) {
        List<VolumeMount> mounts = new ArrayList<>();
        mounts.add(mount("tmp", "/tmp", null));
        mounts.add(mount("cache", StageContainerBuilder.CACHE, null));
        mounts.add(mount("shm", "/dev/shm", null));
        dataClaim(first)
                .ifPresent(claim -> mounts.add(mount("data", config.dataRoot().orElseThrow(), true)));
        return mounts;
    }

    private static VolumeMount mount(String name, String path, @Nullable Boolean readOnly) {
        return new VolumeMountBuilder()
                .withName(name)
                .withMountPath(path)
                .withReadOnly(readOnly)
                .build();
    }

    private List<Volume> volumes(PlannedTask first, StageDisk disk) {
        String shared = policy.resources().of(first.task().stage()).shm().orElse(DEFAULT_SHARED_MEMORY);
        List<Volume> volumes = new ArrayList<>();
        volumes.add(emptyFolder("tmp").build());
        volumes.add(new VolumeBuilder()
                .withName("cache")
                .withNewEmptyDir()
                .withSizeLimit(disk.size())
                .endEmptyDir()
                .build());
        volumes.add(new VolumeBuilder()
                .withName("shm")
                .withNewEmptyDir()
                .withMedium("Memory")
                .withSizeLimit(new Quantity(shared))
                .endEmptyDir()
                .build());
        dataClaim(first)
                .ifPresent(claim -> volumes.add(new VolumeBuilder()
                        .withName("data")
                        .withNewPersistentVolumeClaim(claim, true)
                        .build()));
        return volumes;
    }

    private static VolumeBuilder emptyFolder(String name) {
        return new VolumeBuilder().withName(name).withNewEmptyDir().endEmptyDir();
    }

    private static Toleration toleration(Policy.TaintToleration toleration) {
        return new TolerationBuilder()
                .withKey(toleration.key().orElse(null))
                .withOperator(toleration.operator())
                .withValue(toleration.value().orElse(null))
                .withEffect(toleration.effect().orElse(null))
                .withTolerationSeconds(toleration.tolerationSeconds().orElse(null))
                .build();
    }
}
