package dev.moco.operator.local;

import com.sun.management.OperatingSystemMXBean;
import dev.moco.contract.MemoryNeed;
import dev.moco.contract.StageConfig;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.lang.management.ManagementFactory;
import java.util.Collection;

/**
 * Shares the machine between stages. The number of threads of a task depends only on the machine and the task, not on
 * other running stages, since a resumed stage must sum in the same order as before.
 *
 * @param cores processor cores
 * @param memoryMib memory, MiB
 */
public record Capacity(int cores, long memoryMib) {
    /** Capacity that this process may use: the machine, or the limits of its container. */
    public static Capacity ofThisMachine() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Capacity(Runtime.getRuntime().availableProcessors(), system.getTotalMemorySize() >> 20);
    }

    /**
     * Cores of a stage: all for prepare, pre-training and stages that need more than half of the memory; half for the
     * others, so that two run beside each other.
     */
    public int threads(StageConfig config) {
        return !config.sharesMachine() || MemoryNeed.mib(config, cores) > memoryMib / 2
                ? cores
                : Math.max(1, cores / 2);
    }

    /** Memory that a stage needs, in MiB. */
    public long need(StageConfig config) {
        return MemoryNeed.mib(config, threads(config));
    }

    /** Checks that every remaining task fits into the memory when it runs alone. */
    public void check(Decision decision) {
        for (PlannedTask task : decision.tasks()) {
            if (task.state() != TaskState.SUCCEEDED && task.config().isPresent()) {
                MemoryNeed.check(
                        task.task().name(),
                        task.config().get(),
                        threads(task.config().get()),
                        memoryMib);
            }
        }
    }

    /** True if a stage may start beside those that run. */
    public boolean fits(StageConfig config, Collection<StageConfig> running) {
        int busy = running.stream().mapToInt(other -> threads(other)).sum();
        long taken = running.stream().mapToLong(this::need).sum();
        return running.isEmpty() || (busy + threads(config) <= cores && taken + need(config) <= memoryMib);
    }
}
