package dev.moco.training.pretrain;

import dev.moco.training.progress.FigureSums;
import dev.moco.training.progress.Figures;
import java.util.Objects;
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
        FigureSums epoch,
        FigureSums window,
        @Nullable Double knnTop1,
        @Nullable Double knnTop1Untrained) {
    static final Course START = new Course(FigureSums.NONE, FigureSums.NONE, null, null);

    Course {
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(window, "window");
    }

    Course withStep(Figures figures, int images) {
        return new Course(epoch.plus(figures, images), window.plus(figures, images), knnTop1, knnTop1Untrained);
    }

    Course withNewEpoch() {
        return new Course(FigureSums.NONE, window, knnTop1, knnTop1Untrained);
    }

    Course withNewWindow() {
        return new Course(epoch, FigureSums.NONE, knnTop1, knnTop1Untrained);
    }

    /** The first monitor is that of the untrained encoder. */
    Course withKnn(double top1) {
        return new Course(epoch, window, top1, knnTop1Untrained == null ? top1 : knnTop1Untrained);
    }
}
