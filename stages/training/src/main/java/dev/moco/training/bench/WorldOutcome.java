package dev.moco.training.bench;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Results of a launch, which its first process writes.
 *
 * @param device name of the GPU, or CPU
 * @param nccl version of NCCL; null where sockets serve, or there is one device
 * @param peakRssMib peak resident memory of the first process
 * @param deviceMib memory of its GPU in use at the end; null on the CPU
 */
record WorldOutcome(
        String device,
        @Nullable String nccl,
        long peakRssMib,
        @Nullable Long deviceMib,
        List<WorldTimes> times) {
    WorldOutcome {
        times = List.copyOf(times);
    }
}
