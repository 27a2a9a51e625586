package dev.moco.operator.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Fields of SGD with a schedule by epochs, which pre-training and linear classification have. */
public interface SgdSpec {
    Double learningRate();

    Double momentum();

    Double weightDecay();

    Schedule schedule();

    @Nullable
    List<Integer> milestones();
}
