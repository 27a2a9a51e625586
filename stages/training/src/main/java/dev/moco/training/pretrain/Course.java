package dev.moco.training.pretrain;

import org.jspecify.annotations.Nullable;

/**
 * What a run has measured so far and reports at its end; it is part of a checkpoint.
 *
 * @param epoch figures since the epoch began
 * @param window figures since the last line of the history
 * @param knnTop1 of the newest monitor, percent; null before the first
 * @param knnTop1Untrained of the initial weights
 */
record Course(
        Sums epoch,
        Sums window,
        @Nullable Double knnTop1,
        @Nullable Double knnTop1Untrained) {
    static final Course START = new Course(Sums.NONE, Sums.NONE, null, null);

    Course withStep(MomentumContrast.Figures figures) {
        return new Course(epoch.plus(figures), window.plus(figures), knnTop1, knnTop1Untrained);
    }

    Course withNewEpoch() {
        return new Course(Sums.NONE, window, knnTop1, knnTop1Untrained);
    }

    Course withNewWindow() {
        return new Course(epoch, Sums.NONE, knnTop1, knnTop1Untrained);
    }

    /** The first monitor is that of the untrained encoder. */
    Course withKnn(double top1) {
        return new Course(epoch, window, top1, knnTop1Untrained == null ? top1 : knnTop1Untrained);
    }
}
