package dev.moco.training.pretrain;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Costs of the steps of a run so far; part of a checkpoint.
 *
 * @param nanos wall clock of the steps with loading and checkpoints, without monitors
 * @param waitNanos part of it in which a step waited for images
 * @param steps steps of that time
 * @param newestMicros times of the newest steps, at most {@value #NEWEST}
 * @param gpuBytes most bytes of the GPU in use; null on the CPU, and before they were read
 * @param process most resident bytes of the process
 */
record StepCosts(
        long nanos,
        long waitNanos,
        long steps,
        List<Long> newestMicros,
        @Nullable Long gpuBytes,
        long process) {
    static final StepCosts NONE = new StepCosts(0, 0, 0, List.of(), null, 0);

    /** Steps whose median is reported: few enough for a checkpoint, enough that rare pauses do not move it. */
    static final int NEWEST = 501;

    StepCosts {
        if (newestMicros.size() > NEWEST) {
            throw new IllegalArgumentException(
                    "newestMicros has at most " + NEWEST + " times, found " + newestMicros.size());
        }
        newestMicros = List.copyOf(newestMicros);
    }

    /** Median of the newest steps, seconds; 0 before the first. */
    double stepSeconds() {
        List<Long> sorted = newestMicros.stream().sorted().toList();
        int middle = sorted.size() / 2;
        if (sorted.isEmpty()) {
            return 0;
        }
        return sorted.size() % 2 == 1 ? sorted.get(middle) / 1e6 : (sorted.get(middle - 1) + sorted.get(middle)) / 2e6;
    }

    double seconds() {
        return nanos / 1e9;
    }

    /** Share of the time in which a step waited for images; 0 before the first. */
    double waitShare() {
        return nanos == 0 ? 0 : Math.min(1, (double) waitNanos / nanos);
    }

    StepCosts withStep(long stepNanos, long stepWaitNanos) {
        int dropped = Math.max(0, newestMicros.size() - NEWEST + 1);
        List<Long> newest = new ArrayList<>(newestMicros.subList(dropped, newestMicros.size()));
        newest.add(stepNanos / 1000);
        return new StepCosts(nanos + stepNanos, waitNanos + stepWaitNanos, steps + 1, newest, gpuBytes, process);
    }

    StepCosts withGpu(long bytes) {
        long most = Math.max(gpuBytes == null ? 0 : gpuBytes, bytes);
        return new StepCosts(nanos, waitNanos, steps, newestMicros, most, process);
    }

    StepCosts withProcess(long bytes) {
        return new StepCosts(nanos, waitNanos, steps, newestMicros, gpuBytes, Math.max(process, bytes));
    }
}
