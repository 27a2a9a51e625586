package dev.moco.training.progress;

import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Rates and metrics of training over the last seconds, or since the start if that is shorter. Time spent on validations,
 * monitors and checkpoints is excluded.
 */
public final class RecentSteps {
    private static final double WINDOW_SECONDS = 5;

    private final LongSupplier clock;
    private @Nullable Metrics metrics;
    private @Nullable Double imagesPerSecond;
    private @Nullable Double dataWaitShare;
    private boolean firstWindow = true;
    private long windowStart;
    private long windowWait;
    private long lastStep;
    private MetricAverage window = MetricAverage.NONE;

    public RecentSteps() {
        this(System::nanoTime);
    }

    /** @param clock nanoseconds */
    RecentSteps(LongSupplier clock) {
        this.clock = clock;
        this.windowStart = clock.getAsLong();
        this.lastStep = windowStart;
    }

    /** Adds a step that is done and the time for which it waited for its batch. */
    public void trained(Metrics step, int images, long waitNanos) {
        lastStep = clock.getAsLong();
        window = window.plus(step, images);
        windowWait += waitNanos;
        double seconds = (lastStep - windowStart) / 1e9;
        boolean windowEnds = seconds >= WINDOW_SECONDS;
        if (firstWindow || windowEnds) {
            metrics = window.mean();
            imagesPerSecond = window.weight() / seconds;
            dataWaitShare = Math.min(1, windowWait / 1e9 / seconds);
        }
        if (windowEnds) {
            firstWindow = false;
            windowStart = lastStep;
            windowWait = 0;
            window = MetricAverage.NONE;
        }
    }

    /** Excludes the time since the last step, which was spent on something else. */
    public void resume() {
        long now = clock.getAsLong();
        windowStart += now - lastStep;
        lastStep = now;
    }

    /** The rates, by the names of the history; empty before the first step. */
    public Map<String, Double> rates() {
        return imagesPerSecond == null || dataWaitShare == null
                ? Map.of()
                : Map.of("imagesPerSecond", imagesPerSecond, "dataWaitShare", dataWaitShare);
    }

    /** Null before the first step. */
    public @Nullable Metrics metrics() {
        return metrics;
    }

    /** Null before the first step. */
    public @Nullable Double imagesPerSecond() {
        return imagesPerSecond;
    }

    /** Null before the first step. */
    public @Nullable Double dataWaitShare() {
        return dataWaitShare;
    }
}
