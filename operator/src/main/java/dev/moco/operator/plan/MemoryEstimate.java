package dev.moco.operator.plan;

import dev.moco.contract.Experiment;
import dev.moco.contract.MemoryNeed;
import dev.moco.operator.plan.Policy.Resource;

/** Memory that a task of a plan needs. */
public final class MemoryEstimate {
    private MemoryEstimate() {}

    /** The need of each of a task's pods and of each of their GPUs, with the resources of a policy. */
    public static MemoryNeed of(PlannedTask task, Decision decision, Experiment experiment, Policy policy) {
        return MemoryNeed.of(task.config().orElseThrow(), setting(task, decision, experiment, policy));
    }

    /** Threads and devices that a policy gives a task. */
    public static MemoryNeed.Setting setting(
            PlannedTask task, Decision decision, Experiment experiment, Policy policy) {
        Resource resource = policy.resources().of(task.task().stage());
        int devices = task.config().orElseThrow().devices(Math.max(1, resource.gpus()) * resource.nodes());
        MemoryNeed.Setting one = setting(task, decision, experiment, resource.cpu(), resource.gpus() > 0, devices);
        return new MemoryNeed.Setting(one.threads(), one.gpu(), one.devices(), one.bankImages(), resource.nodes());
    }

    /** Same as above with given threads and devices, on GPUs or not. */
    public static MemoryNeed.Setting setting(
            PlannedTask task, Decision decision, Experiment experiment, int threads, boolean gpu, int devices) {
        long bank = Plan.knn(experiment, task.task())
                .flatMap(knn -> Forecast.images(task, decision).map(images -> knn.bank(images.trainImages())))
                .orElse(0L);
        return new MemoryNeed.Setting(threads, gpu, devices, bank);
    }
}
