package dev.moco.operator.local;

import com.sun.management.OperatingSystemMXBean;
import dev.moco.contract.Experiment;
import dev.moco.contract.MemoryNeed;
import dev.moco.contract.StageConfig;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.MemoryEstimate;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * Shares the machine between stages, which compute on its GPU if it has one. The number of threads of a task depends only
 * on the machine and the task, not on other running stages, since a resumed stage must sum in the same order as before.
 *
 * @param cores processor cores
 * @param memoryMib memory, MiB
 * @param gpuMib memory of the GPU, MiB; empty without one
 */
public record Capacity(int cores, long memoryMib, OptionalLong gpuMib) {
    /** Capacity that this process may use: the machine, or the limits of its container. */
    public static Capacity ofThisMachine() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Capacity(
                Runtime.getRuntime().availableProcessors(),
                system.getTotalMemorySize() >> 20,
                LocalGpu.memoryMib(System.getenv()));
    }

    /**
     * Cores of a stage: all for prepare, pre-training and stages that need more than half of the memory; half for the
     * others, so that two run beside each other.
     */
    public int threads(StageConfig config) {
        MemoryNeed need = MemoryNeed.of(config, MemoryNeed.Setting.of(cores, onGpu(config)));
        boolean large =
                need.hostMib() > memoryMib / 2 || (gpuMib.isPresent() && need.deviceMib() > gpuMib.getAsLong() / 2);
        return large || !config.sharesMachine() ? cores : Math.max(1, cores / 2);
    }

    private boolean onGpu(StageConfig config) {
        return gpuMib.isPresent() && !config.stage().readsRawData();
    }

    private MemoryNeed need(StageConfig config) {
        return MemoryNeed.of(config, MemoryNeed.Setting.of(threads(config), onGpu(config)));
    }

    /** Threads and device of a task of a plan. */
    public MemoryNeed.Setting setting(PlannedTask task, Decision decision, Experiment experiment) {
        StageConfig config = task.config().orElseThrow();
        return MemoryEstimate.setting(task, decision, experiment, threads(config), onGpu(config) ? 1 : 0);
    }

    /** Checks that every remaining task fits into the memory when it runs alone. */
    public void check(Decision decision, Experiment experiment) {
        for (PlannedTask task : decision.tasks()) {
            if (task.state() != TaskState.SUCCEEDED && task.config().isPresent()) {
                MemoryNeed.check(
                        task.task().name(),
                        task.config().get(),
                        setting(task, decision, experiment),
                        memoryMib,
                        gpuMib);
            }
        }
    }

    /** True if a stage may start beside those that run. */
    public boolean fits(StageConfig config, Collection<StageConfig> running) {
        int busy = running.stream().mapToInt(other -> threads(other)).sum();
        List<MemoryNeed> needs = Stream.concat(running.stream(), Stream.of(config))
                .map(this::need)
                .toList();
        long host = needs.stream().mapToLong(MemoryNeed::hostMib).sum();
        long device = needs.stream().mapToLong(MemoryNeed::deviceMib).sum();
        return running.isEmpty()
                || (busy + threads(config) <= cores && host <= memoryMib && device <= gpuMib.orElse(Long.MAX_VALUE));
    }
}
