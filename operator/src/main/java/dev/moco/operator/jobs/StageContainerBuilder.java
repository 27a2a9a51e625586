package dev.moco.operator.jobs;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.Experiment;
import dev.moco.contract.JvmMemory;
import dev.moco.contract.StageTask;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.MemoryEstimate;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.plan.Policy.Resource;
import dev.moco.operator.plan.StageVariables;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Makes the container of a stage: its variables and requests. */
public final class StageContainerBuilder {
    public static final String NAME = "stage";
    static final String CACHE = "/var/cache/moco";

    /** Longest time that a killed run loses; saving never takes more than a twentieth of the time. */
    private static final int CHECKPOINT_SECONDS = 300;

    private static final int PROGRESS_SECONDS = 10;
    private static final long MEMORY_STEP_MIB = 256;
    private static final long MEMORY_MARGIN_MIB = 512;

    private final Experiment experiment;
    private final Policy policy;
    private final OperatorConfig config;
    private final StoreAccess store;

    StageContainerBuilder(Experiment experiment, Policy policy, OperatorConfig config, StoreAccess store) {
        this.experiment = experiment;
        this.policy = policy;
        this.config = config;
        this.store = store;
    }

    ContainerBuilder of(List<PlannedTask> tasks, Decision decision, StageDisk disk, boolean indexed) {
        PlannedTask first = tasks.get(0);
        Resource resource = policy.resources().of(first.task().stage());
        return new ContainerBuilder()
                .withName(NAME)
                .withImage(image())
                .withArgs(first.task().stage().id())
                .withEnv(variables(tasks, resource, disk, indexed))
                .withResources(resources(first, decision, resource, disk))
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withReadOnlyRootFilesystem(true)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext();
    }

    private String image() {
        return policy.resources().image().orElse(config.stageImage());
    }

    private List<EnvVar> variables(List<PlannedTask> tasks, Resource resource, StageDisk disk, boolean indexed) {
        List<StageTask> stageTasks =
                tasks.stream().map(task -> task(task, resource)).toList();
        Map<String, String> plain = new TreeMap<>(StageVariables.defaults());
        plain.put(StageVariables.ENGINE_FOLDER, CACHE + "/engine");
        plain.put(StageTask.IMAGE_VARIABLE, image());
        plain.put(StageTask.CACHE_VARIABLE, Long.toString(disk.cacheMib()));
        plain.put(
                StageVariables.JVM,
                StageVariables.jvm(JvmMemory.of(tasks.get(0).config().orElseThrow(), resource.cpu())));
        plain.put(
                indexed ? StageTask.LIST_VARIABLE : StageTask.VARIABLE, json(indexed ? stageTasks : stageTasks.get(0)));
        List<EnvVar> variables = new ArrayList<>();
        if (resource.nodes() > 1) {
            plain.put(StageTask.NODES_VARIABLE, Integer.toString(resource.nodes()));
            variables.add(ofPod(StageTask.POD_IP_VARIABLE, "status.podIP"));
            variables.add(ofPod(StageTask.POD_UID_VARIABLE, "metadata.uid"));
            variables.add(ofPod(StageTask.JOB_UID_VARIABLE, "metadata.labels['" + JobLabels.JOB_UID + "']"));
        }
        plain.forEach((name, value) -> variables.add(new EnvVar(name, value, null)));
        store.secret().ifPresent(secret -> {
            variables.add(credential(secret, "AWS_ACCESS_KEY_ID", null));
            variables.add(credential(secret, "AWS_SECRET_ACCESS_KEY", null));
            variables.add(credential(secret, "AWS_SESSION_TOKEN", true));
        });
        return variables;
    }

    private static EnvVar ofPod(String name, String field) {
        return new EnvVarBuilder()
                .withName(name)
                .withNewValueFrom()
                .withNewFieldRef("v1", field)
                .endValueFrom()
                .build();
    }

    private static EnvVar credential(String secret, String key, @Nullable Boolean optional) {
        return new EnvVarBuilder()
                .withName(key)
                .withNewValueFrom()
                .withNewSecretKeyRef(key, secret, optional)
                .endValueFrom()
                .build();
    }

    /** JSON with {@code $(NAME)} escaped, which Kubernetes would replace by another variable's value. */
    private static String json(Object value) {
        return new String(CanonicalJson.bytes(value), StandardCharsets.UTF_8).replace("$(", "$$(");
    }

    private StageTask task(PlannedTask planned, Resource resource) {
        return new StageTask(
                experiment.name(),
                planned.task().name(),
                planned.key().orElseThrow(),
                planned.config().orElseThrow(),
                planned.inputs(),
                planned.task().source().orElse(null),
                store.location(),
                new StageTask.Execution(
                        resource.cpu(),
                        CACHE,
                        CHECKPOINT_SECONDS,
                        PROGRESS_SECONDS,
                        Plan.knn(experiment, planned.task()).orElse(null),
                        policy.resources().deterministic(),
                        policy.retention().checkpointEpochs(planned.task().stage())));
    }

    /**
     * Resources. Memory is limited only if the spec limits it, since an estimate must not cause an OOM kill; of the estimate,
     * a GPU's part is not the pod's.
     */
    private ResourceRequirements resources(PlannedTask first, Decision decision, Resource resource, StageDisk disk) {
        long need = MemoryEstimate.of(first, decision, experiment, policy).hostMib();
        long rounded = (need + MEMORY_STEP_MIB - 1) / MEMORY_STEP_MIB * MEMORY_STEP_MIB + MEMORY_MARGIN_MIB;
        ResourceRequirementsBuilder requirements = new ResourceRequirementsBuilder()
                .addToRequests("cpu", new Quantity(Integer.toString(resource.cpu())))
                .addToRequests("memory", new Quantity(resource.memory().orElse(rounded + "Mi")))
                .addToRequests("ephemeral-storage", disk.size());
        resource.memory().ifPresent(memory -> requirements.addToLimits("memory", new Quantity(memory)));
        if (resource.gpus() > 0) {
            policy.resources().accelerator().ifPresent(accelerator -> {
                Quantity gpus = new Quantity(Integer.toString(resource.gpus()));
                requirements.addToRequests(accelerator, gpus).addToLimits(accelerator, gpus);
            });
        }
        return requirements.build();
    }
}
