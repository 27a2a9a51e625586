package dev.moco.operator.report;

import dev.moco.operator.crd.MoCoExperimentStatus;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What happened between two statuses. */
public final class Transitions {
    private Transitions() {}

    /** In the order of the data; empty if only figures moved. */
    public static List<Transition> between(@Nullable MoCoExperimentStatus previous, MoCoExperimentStatus next) {
        throw new UnsupportedOperationException("not written yet " + previous + next);
    }
}
