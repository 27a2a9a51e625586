package dev.moco.contract;

import org.jspecify.annotations.Nullable;

/**
 * Cost of the steps of a pre-training, in the terms of the paper's Table 3.
 *
 * @param device name of the GPU, or "CPU"
 * @param devices number of processes, each with a device of its own
 * @param memoryAllocatedPeak most bytes that live tensors took, the largest of all devices; null on the CPU,
 *     and where the engine does not tell
 * @param memoryReservedPeak most bytes of a GPU that were in use, as its driver reports: what the allocator holds, and the
 *     context; likewise
 * @param memoryProcess resident bytes of the process at most, the largest of all processes
 * @param seconds wall clock of the epochs, with loading and checkpoints, without monitors
 * @param steps steps of that time: those of all runs where a run went on from another
 * @param stepSeconds median time of a step
 * @param loaderWaitShare share of the time in which a step waited for images
 */
public record StepCost(
        String device,
        int devices,
        @Nullable Long memoryAllocatedPeak,
        @Nullable Long memoryReservedPeak,
        long memoryProcess,
        double seconds,
        long steps,
        double stepSeconds,
        double loaderWaitShare) {
    private static final int MAX_NAME = 256;

    public StepCost {
        Bounds.text("name of a device", device, MAX_NAME);
        Bounds.number("seconds", seconds);
        Bounds.number("stepSeconds", stepSeconds);
        Bounds.number("loaderWaitShare", loaderWaitShare);
    }
}
