package dev.moco.operator.local;

import com.sun.management.OperatingSystemMXBean;
import dev.moco.contract.DeviceCounts;
import dev.moco.contract.Experiment;
import dev.moco.contract.MemoryNeed;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.MemoryEstimate;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/**
 * Shares the machine between stages, which compute on its GPUs if it has some. The number of threads of a task depends only
 * on the machine and the task, not on other running stages, since a resumed stage must sum in the same order as before.
 *
 * @param cores processor cores
 * @param memoryMib memory, MiB
 * @param gpus number of GPUs; 0 without one
 * @param gpuMib memory of the smallest GPU, MiB; 0 without one
 * @param chosen processes of a stage that a person asks for; empty uses all GPUs
 */
public record Capacity(int cores, long memoryMib, int gpus, long gpuMib, OptionalInt chosen) {
    /** A running stage and the numbers of the GPUs that it computes on. */
    public record Placed(StageConfig config, List<Integer> gpus) {
        public Placed {
            gpus = List.copyOf(gpus);
        }
    }

    /**
     * Capacity that this process may use: the machine, or the limits of its container.
     *
     * @param chosen processes of a stage that a person asks for
     * @throws StageFailure bad configuration, if there are fewer GPUs
     */
    static Capacity ofThisMachine(LocalGpus found, OptionalInt chosen) {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        int gpus = found.used();
        int asked = chosen.orElse(1);
        if (asked < 1 || asked > DeviceCounts.MOST) {
            throw StageFailure.badConfig(
                    "--devices must be a whole number from 1 to " + DeviceCounts.MOST + ", found " + asked);
        }
        if (gpus > 0 && asked > gpus) {
            throw StageFailure.badConfig("--devices must be at most the number of GPUs (" + gpus + "), found " + asked);
        }
        return new Capacity(
                Runtime.getRuntime().availableProcessors(),
                system.getTotalMemorySize() >> 20,
                gpus,
                found.memoryMib(),
                chosen);
    }

    /** Processes of a stage, one for each device. Trials of detection fill the GPUs one each unless a person asks for more. */
    public int devices(StageConfig config) {
        return chosen.isPresent() ? config.devices(chosen.getAsInt()) : onGpu(config) ? config.presetDevices(gpus) : 1;
    }

    /**
     * Cores of a stage: all for prepare, pre-training on the CPU or one GPU, what takes more than half of the GPUs and stages that
     * need more than half of the memory; half for the others, or the share of its GPUs where that is less, so that as many run
     * beside each other.
     * On the CPU they do not depend on the number of processes, since sums depend on them.
     */
    public int threads(StageConfig config) {
        MemoryNeed need = MemoryNeed.of(config, MemoryNeed.Setting.of(cores, onGpu(config)));
        boolean large = need.hostMib() > memoryMib / 2 || (gpus == 1 && need.deviceMib() > gpuMib / 2);
        int besideEachOther = gpus / devices(config);
        boolean alone = (onGpu(config) && gpus > 1) ? besideEachOther == 1 : !config.sharesMachine();
        return large || alone ? cores : Math.max(1, cores / Math.max(2, besideEachOther));
    }

    /** GPUs that a stage takes; 0 on the CPU. */
    public int gpus(StageConfig config) {
        return onGpu(config) ? devices(config) : 0;
    }

    private boolean onGpu(StageConfig config) {
        return gpus > 0 && !config.stage().readsRawData();
    }

    MemoryNeed need(StageConfig config) {
        return MemoryNeed.of(config, new MemoryNeed.Setting(threads(config), onGpu(config), devices(config), 0));
    }

    /** Threads and devices of a task of a plan. */
    public MemoryNeed.Setting setting(PlannedTask task, Decision decision, Experiment experiment) {
        StageConfig config = task.config().orElseThrow();
        return MemoryEstimate.setting(task, decision, experiment, threads(config), onGpu(config), devices(config));
    }

    /** Checks that every remaining task fits into the memory when it runs alone, and can be shared as a person asks. */
    public void check(Decision decision, Experiment experiment) {
        for (PlannedTask task : decision.tasks()) {
            if (task.state() != TaskState.SUCCEEDED && task.config().isPresent()) {
                if (!task.config().get().sharesMachine()) {
                    task.config().get().requireDevices(chosen.orElse(1));
                }
                MemoryNeed.check(
                        task.task().name(),
                        task.config().get(),
                        setting(task, decision, experiment),
                        memoryMib,
                        gpus > 0 ? OptionalLong.of(gpuMib) : OptionalLong.empty());
            }
        }
    }

    /**
     * Returns the GPUs on which a stage may start beside those that run, none of them on the CPU; empty if it has to wait. It
     * gets those that others need least of.
     */
    public Optional<List<Integer>> place(StageConfig config, Collection<Placed> running) {
        MemoryNeed need = need(config);
        List<Integer> free = IntStream.range(0, onGpu(config) ? gpus : 0)
                .boxed()
                .sorted(Comparator.comparingLong(gpu -> needed(gpu, running)))
                .limit(devices(config))
                .toList();
        int busy = running.stream().mapToInt(other -> threads(other.config())).sum();
        long host = running.stream()
                .mapToLong(other -> need(other.config()).hostMib())
                .sum();
        boolean fits = busy + threads(config) <= cores
                && host + need.hostMib() <= memoryMib
                && free.stream().allMatch(gpu -> needed(gpu, running) + need.deviceMib() <= gpuMib);
        return running.isEmpty() || fits ? Optional.of(free) : Optional.empty();
    }

    private long needed(int gpu, Collection<Placed> running) {
        return running.stream()
                .filter(other -> other.gpus().contains(gpu))
                .mapToLong(other -> need(other.config()).deviceMib())
                .sum();
    }
}
