package dev.moco.contract;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * {@code progress.json} below a stage's prefix: where a running stage is.
 *
 * @param phase what it does now, such as {@code training}, {@code knn}, {@code evaluating}
 * @param epoch current epoch, 0-based; detection counts its only pass as epoch 0
 * @param epochs epochs in all
 * @param step steps done in all epochs; images for {@code prepare}
 * @param steps steps in all; 0 while unknown
 * @param imagesPerSecond over the last seconds
 * @param dataWaitShare share of time in which the step waited for data, 0 to 1
 * @param loss mean over the last seconds
 * @param top1 pretext or training accuracy in percent, over the last seconds
 * @param top5 same, top-5
 * @param etaSeconds time to the end of the stage
 * @param checkpointStep step of the newest checkpoint
 * @param peakRssMib peak resident memory so far, MiB
 * @param updated when this was written
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
}
