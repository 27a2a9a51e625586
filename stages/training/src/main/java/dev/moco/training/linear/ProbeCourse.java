package dev.moco.training.linear;

import dev.moco.contract.StageResult;
import dev.moco.training.progress.FigureSums;
import dev.moco.training.progress.Figures;
import java.util.Objects;

/**
 * What a probe has measured so far; part of a checkpoint.
 *
 * @param epoch training figures since the epoch began
 * @param best validation figures of the epoch with the best top-1, the earliest of equals
 * @param bestEpoch that epoch; -1 before the first
 * @param last validation figures of the newest epoch
 */
record ProbeCourse(FigureSums epoch, Figures best, int bestEpoch, Figures last) {
    static final ProbeCourse START = new ProbeCourse(FigureSums.NONE, new Figures(0, 0, 0), -1, new Figures(0, 0, 0));

    ProbeCourse {
        Objects.requireNonNull(epoch, "epoch");
        Objects.requireNonNull(best, "best");
        Objects.requireNonNull(last, "last");
    }

    ProbeCourse withNewEpoch() {
        return new ProbeCourse(FigureSums.NONE, best, bestEpoch, last);
    }

    ProbeCourse withStep(Figures figures, int images) {
        return new ProbeCourse(epoch.plus(figures, images), best, bestEpoch, last);
    }

    ProbeCourse withValidation(int number, Figures figures) {
        boolean better = bestEpoch < 0 || figures.top1() > best.top1();
        return new ProbeCourse(epoch, better ? figures : best, better ? number : bestEpoch, figures);
    }

    StageResult.Classified result() {
        return new StageResult.Classified(
                best.top1(),
                best.top5(),
                bestEpoch,
                last.top1(),
                last.top5(),
                epoch.mean().loss());
    }
}
