package dev.moco.training.detect.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import dev.moco.training.detect.model.DetectorProgram.Sgd;
import dev.moco.training.detect.model.DetectorProgram.Targets;
import dev.moco.training.detect.model.DetectorProgram.Trunk;

/** An iteration of one process with all ranks: two calls, as hundreds of small ones would take a sixth of a small step's time. */
record LocalIteration(DetectorProgram program, NDManager manager, DetectorState state, double momentum, boolean trains)
        implements DetectorIteration {
    @Override
    public Trunk trunk(NDList images) {
        return program.trunk(manager, state, images, momentum, trains);
    }

    @Override
    public NDArray step(Trunk trunk, Targets targets, double normalizer, Sgd sgd) {
        return program.step(manager, state, trunk, targets, momentum, normalizer, sgd);
    }

    @Override
    public void updateStatistics(Trunk trunk, Targets targets) {
        program.predictRegions(manager, state, trunk.features(), targets.regions(), momentum);
    }
}
