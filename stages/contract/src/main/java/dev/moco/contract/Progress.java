package dev.moco.contract;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Progress of a running stage, {@code progress.json} below its prefix. Rates, loss and accuracies are of the last
 * seconds.
 *
 * @param phase current work, such as {@code training}, {@code knn}, {@code evaluating}
 * @param epoch current epoch, 0-based; always 0 in detection
 * @param epochs number of epochs
 * @param step steps done in all epochs; images in {@code prepare}
 * @param steps number of steps in all epochs; 0 while unknown
 * @param imagesPerSecond images per second
 * @param dataWaitShare share of time in which steps waited for data, 0 to 1
 * @param loss mean loss
 * @param top1 top-1 accuracy of the pretext task or of training, in percent
 * @param top5 top-5 accuracy, likewise
 * @param etaSeconds estimated time to the end of the stage
 * @param checkpointStep step of the newest checkpoint; in {@code prepare}, images in stored shards
 * @param peakRssMib peak resident memory so far, MiB
 * @param updated time of this report
 */
public record Progress(
        String phase,
        int epoch,
        int epochs,
        long step,
        long steps,
        @Nullable Double imagesPerSecond,
        @Nullable Double dataWaitShare,
        @Nullable Double loss,
        @Nullable Double top1,
        @Nullable Double top5,
        @Nullable Double etaSeconds,
        @Nullable Long checkpointStep,
        long peakRssMib,
        Instant updated) {
    public static final String FILE = "progress.json";

    /** Phase in which steps are trained; the rates of other phases are not those of steps. */
    public static final String TRAINING = "training";

    private static final int MAX_PHASE = 64;

    public Progress {
        Bounds.text("phase", phase, MAX_PHASE);
        Bounds.time("updated", updated);
    }

    /** The same progress with another newest checkpoint. */
    public Progress withCheckpoint(@Nullable Long step) {
        return copy(phase, step, updated);
    }

    /** The same progress in a phase, reported at a time. */
    public Progress inPhase(String now, Instant time) {
        return copy(now, checkpointStep, time);
    }

    private Progress copy(String newPhase, @Nullable Long newCheckpointStep, Instant newUpdated) {
        return new Progress(
                newPhase,
                epoch,
                epochs,
                step,
                steps,
                imagesPerSecond,
                dataWaitShare,
                loss,
                top1,
                top5,
                etaSeconds,
                newCheckpointStep,
                peakRssMib,
                newUpdated);
    }

    /** A copy of a report that anyone may have written: counts are not negative, and numbers out of bounds are left out. */
    public Progress bounded() {
        return new Progress(
                phase,
                Math.max(0, epoch),
                Math.max(0, epochs),
                Math.max(0, step),
                Math.max(0, steps),
                bounded(imagesPerSecond),
                bounded(dataWaitShare),
                bounded(loss),
                bounded(top1),
                bounded(top5),
                bounded(etaSeconds),
                checkpointStep == null ? null : Math.max(0, checkpointStep),
                Math.max(0, peakRssMib),
                updated);
    }

    private static @Nullable Double bounded(@Nullable Double value) {
        return value != null && Bounds.isNumber(value) ? value : null;
    }
}
