package dev.moco.contract;

import java.util.List;

/** A part of an experiment beside pre-training, which adds tasks to its plan. */
public interface ExperimentSection {
    /** Tasks that prepare raw data for this section alone. */
    default List<Task> preparations(Experiment.Data data) {
        return List.of();
    }

    /** Tasks that follow pre-training. */
    List<Task> tasks(Experiment experiment);
}
