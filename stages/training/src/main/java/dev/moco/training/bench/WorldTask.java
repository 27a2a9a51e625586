package dev.moco.training.bench;

import ai.djl.Device;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StepThreads;
import org.jspecify.annotations.Nullable;

/**
 * A measurement that the processes of a launch make together; JSON in the argument of {@link WorldMember}.
 *
 * @param pretrain steps of pre-training, all ranks together
 * @param detect iterations of a trial; the images have the largest size of its input
 * @param gpu true if each process computes on a GPU
 * @param threads threads of all processes
 * @param warmup repetitions before the timed ones
 * @param repetitions timed repetitions
 * @param data folder of images, for {@link WorldPart#FILES}
 */
record WorldTask(
        WorldPart part,
        PretrainConfig pretrain,
        DetectConfig detect,
        boolean gpu,
        int threads,
        int warmup,
        int repetitions,
        @Nullable String data) {
    Device device() {
        return gpu ? Device.gpu() : Device.cpu();
    }

    /** Threads of a process for its loader, or for a trial. */
    int threadsOf(int devices) {
        return Math.max(1, threads / devices);
    }

    /** Threads within an operation: as in a stage, those of pre-training do not depend on the number of devices. */
    int engineThreads(int devices) {
        return part == WorldPart.TRIALS
                ? threadsOf(devices)
                : StepThreads.of(pretrain, threads).withinOperation();
    }
}
