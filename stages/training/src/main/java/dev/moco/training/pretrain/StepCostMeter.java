package dev.moco.training.pretrain;

import ai.djl.Device;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.StepCost;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.stage.CheckpointFolder;
import dev.moco.training.stage.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Measures memory and time of a run's steps, in the terms of the paper's Table 3. Times are those of the whole run, as its
 * checkpoints have them.
 */
final class StepCostMeter {
    /** File of a checkpoint; those of older programs have none. */
    private static final String FILE = "costs.json";

    /** Steps between two readings of the GPU's memory. The allocator keeps what it has, so that few suffice. */
    private static final int BETWEEN_READINGS = 100;

    /** Steps before the first reading: cuDNN has chosen its algorithms by then. */
    private static final int BEFORE_READINGS = 10;

    private static final double UNKNOWN = -1;

    private final String device;
    private final Supplier<OptionalLong> gpuBytes;
    private final LongSupplier clock;
    private StepCosts costs = StepCosts.NONE;
    private long last;
    private int stepsHere;

    /** Begins with no step. */
    StepCostMeter(Device device) {
        this(
                Machine.deviceName(device),
                device.isGpu() ? Machine::gpuBytesInUse : OptionalLong::empty,
                System::nanoTime);
    }

    /**
     * Begins with no step.
     *
     * @param gpuBytes reads the bytes of the GPU that are in use
     * @param clock nanoseconds
     */
    StepCostMeter(String device, Supplier<OptionalLong> gpuBytes, LongSupplier clock) {
        this.device = device;
        this.gpuBytes = gpuBytes;
        this.clock = clock;
        this.last = clock.getAsLong();
    }

    /** Goes on from the costs in a checkpoint. */
    void read(Path checkpoint) throws IOException {
        Path file = checkpoint.resolve(FILE);
        costs = Files.exists(file) ? CheckpointFolder.read(file, StepCosts.class) : StepCosts.NONE;
    }

    /** Writes the costs so far as a part of a checkpoint. */
    void write(Path checkpoint) throws IOException {
        Files.write(checkpoint.resolve(FILE), CanonicalJson.bytes(soFar()));
    }

    /** Excludes the time since the last step, which was spent on something else than training. */
    void resume() {
        last = clock.getAsLong();
    }

    /** Adds a step that is done and the time for which it waited for its batch. */
    void trained(long waitNanos) {
        long now = clock.getAsLong();
        costs = costs.withStep(now - last, waitNanos);
        last = now;
        stepsHere++;
        if (stepsHere % BETWEEN_READINGS == BEFORE_READINGS) {
            gpuBytes.get().ifPresent(bytes -> costs = costs.withGpu(bytes));
        }
    }

    private StepCosts soFar() {
        return costs.withProcess(Machine.peakRssMib() << 20);
    }

    /** Costs of the run: memory is the largest of all processes, times are those of the one that writes. */
    StepCost total(Collectives collectives) {
        StepCosts mine = soFar();
        Long ofGpu = mine.gpuBytes();
        double[][] all = collectives.agree(ofGpu == null ? UNKNOWN : ofGpu.doubleValue(), (double) mine.process());
        return new StepCost(
                device,
                all.length,
                null, // libtorch's interface does not tell what live tensors take
                Stream.of(all).anyMatch(process -> process[0] == UNKNOWN) ? null : (Long) largest(all, 0),
                largest(all, 1),
                mine.seconds(),
                mine.steps(),
                mine.stepSeconds(),
                mine.waitShare());
    }

    private static long largest(double[][] all, int at) {
        return (long) Stream.of(all).mapToDouble(process -> process[at]).max().orElse(0);
    }
}
