package dev.moco.operator.jobs;

import dev.moco.contract.DiskNeed;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Forecast;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy.Resource;
import io.fabric8.kubernetes.api.model.Quantity;

/**
 * Local disk of a stage's pod.
 *
 * @param size size of its cache volume, and what the pod requests as ephemeral storage
 * @param cacheMib part of it that copies of shards may take, MiB
 */
record StageDisk(Quantity size, long cacheMib) {
    /** Logs and the folder for temporary files, which the kubelet counts besides the cache volume. */
    private static final long OTHERS_MIB = 1024;

    private static final long GIB_MIB = 1024;

    /** The disk that a task's data set needs, or that its spec gives it. */
    static StageDisk of(PlannedTask task, Decision decision, Resource resource) {
        long cacheMib = DiskNeed.ofTraining(Forecast.images(task, decision)).cacheMib();
        long besides = DiskNeed.SCRATCH_MIB + OTHERS_MIB;
        if (resource.ephemeralStorage().isEmpty()) {
            long gib = (cacheMib + besides + GIB_MIB - 1) / GIB_MIB;
            return new StageDisk(new Quantity(gib + "Gi"), cacheMib);
        }
        Quantity given = Quantity.parse(resource.ephemeralStorage().get());
        long givenMib = Quantity.getAmountInBytes(given).longValue() >> 20;
        return new StageDisk(given, Math.max(0, Math.min(cacheMib, givenMib - besides)));
    }
}
