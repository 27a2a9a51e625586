package dev.moco.training.detect;

import dev.moco.contract.DetectConfig;

/** Learning rates of training: a linear warm-up, then a division by ten at each milestone (WarmupMultiStepLR). */
record WarmupMultiStepSchedule(DetectConfig.Solver solver) {
    /** Learning rate of an iteration, which counts from 0. */
    double learningRate(int iteration) {
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
