package dev.moco.training.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.training.engine.TorchEngine;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of torch.optim.SGD with and without Nesterov momentum, for two classes and one feature. */
class NesterovTest {
    private static final double RATE = 0.5;
    private static final double MOMENTUM = 0.9;
    private static final double DECAY = 0.01;
    private static final double[] FEATURES = {1, 2, -1};
    private static final int[] LABELS = {0, 1, 0};
    private static final int STEPS = 5;

    @ParameterizedTest
    @EnumSource(names = {"SGD", "NESTEROV"})
    void stepsAreTorchs(Algorithm algorithm) {
        Optimizer optimizer = new Optimizer(RATE, MOMENTUM, DECAY, Schedule.COSINE_BY_STEP, List.of(), algorithm, 0);
        double[] expected = new double[4];
        double[] buffer = new double[4];
        try (NDManager manager = TorchEngine.start(1);
                Classifier classifier = new Classifier(manager.zeros(new Shape(4)), manager.zeros(new Shape(4)))) {
            NDArray features = manager.create(new float[] {1, 2, -1}, new Shape(3, 1));
            NDArray labels = manager.create(new long[] {0, 1, 0});
            for (int step = 0; step < STEPS; step++) {
                classifier.train(manager, features, labels, RATE, optimizer);
                double[] gradient = gradient(expected);
                for (int i = 0; i < 4; i++) {
                    double decayed = gradient[i] + DECAY * expected[i];
                    buffer[i] = MOMENTUM * buffer[i] + decayed;
                    expected[i] -=
                            RATE * (algorithm == Algorithm.NESTEROV ? decayed + MOMENTUM * buffer[i] : buffer[i]);
                }
                float[] found = classifier.flat().toFloatArray();
                for (int i = 0; i < 4; i++) {
                    assertThat((double) found[i]).isCloseTo(expected[i], within(1e-5));
                }
            }
        }
    }

    /** Of the mean cross-entropy with respect to both weights and both biases. */
    private static double[] gradient(double[] at) {
        double[] gradient = new double[4];
        for (int i = 0; i < FEATURES.length; i++) {
            double first = Math.exp(at[0] * FEATURES[i] + at[2]);
            double second = Math.exp(at[1] * FEATURES[i] + at[3]);
            double[] share = {first / (first + second), second / (first + second)};
            for (int j = 0; j < 2; j++) {
                double difference = (share[j] - (LABELS[i] == j ? 1 : 0)) / FEATURES.length;
                gradient[j] += difference * FEATURES[i];
                gradient[2 + j] += difference;
            }
        }
        return gradient;
    }
}
