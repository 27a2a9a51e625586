package dev.moco.training.detect;

import dev.moco.contract.DetectConfig;

/** Learning rate of an iteration: a linear warm-up from a small part of it, then a tenth from each milestone on. */
record LearningRate(DetectConfig.Solver solver) {
    /** @param iteration 0-based */
    double at(int iteration) {
        long passed = solver.milestones().stream()
                .filter(milestone -> iteration >= milestone)
                .count();
        return solver.learningRate() * warmup(iteration) * Math.pow(.1, (double) passed);
    }

    private double warmup(int iteration) {
        if (iteration >= solver.warmupIterations()) {
            return 1;
        }
        double done = (double) iteration / solver.warmupIterations();
        return solver.warmupFactor() * (1 - done) + done;
    }
}
