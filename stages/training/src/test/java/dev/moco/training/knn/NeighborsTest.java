package dev.moco.training.knn;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NeighborsTest {
    @Test
    void featuresAreWrittenToTheBankInPlace() {
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program =
                        TorchProgram.compile(manager.getDevice(), "/dev/moco/training/knn/neighbors.py")) {
            NDArray bank = manager.zeros(new Shape(3, 2));
            program.call(manager, "write_rows", bank, manager.create(new float[] {1, 2}, new Shape(1, 2)), 0);
            program.call(manager, "write_rows", bank, manager.create(new float[] {3, 4, 5, 6}, new Shape(2, 2)), 1);
            assertThat(bank.toFloatArray()).containsExactly(1, 2, 3, 4, 5, 6);
        }
    }

    /** Similarities to the query (1, 0): 1 for class 0; 0.8 and 0.8 for class 1; 0 for class 2. */
    @ParameterizedTest(name = "{0} neighbors at temperature {1}: class {2}")
    @CsvSource({"1, 0.1, 0", "3, 10, 1", "3, 0.1, 0", "4, 10, 1"})
    void nearestNeighborsVoteByTheirSimilarity(int neighbors, double temperature, long expected) {
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program =
                        TorchProgram.compile(manager.getDevice(), "/dev/moco/training/knn/neighbors.py")) {
            NDArray bank = manager.create(new float[] {1, 0, 0.8f, 0.6f, 0.8f, -0.6f, 0, 1}, new Shape(4, 2));
            NDArray labels = manager.create(new long[] {0, 1, 1, 2});
            NDArray query = manager.create(new float[] {1, 0}, new Shape(1, 2));
            long[] predicted = program.call(manager, "classify", bank, labels, query, neighbors, 3, temperature)
                    .singletonOrThrow()
                    .toLongArray();
            assertThat(predicted).containsExactly(expected);
        }
    }
}
