package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Steps of a run and what they change.
 *
 * @param steps makes a step
 * @param state arrays that steps change, by the names that they have in a checkpoint
 * @param layout of the encoder that is monitored and written
 * @param parameters its parameters, flat
 * @param statistics its batch-norm statistics, flat
 * @param end frees what steps are made with
 */
public record Trainer(
        Step steps,
        Map<String, NDArray> state,
        EncoderLayout layout,
        NDArray parameters,
        NDArray statistics,
        Runnable end)
        implements AutoCloseable {
    /** A step on the images of this process's ranks. */
    @FunctionalInterface
    public interface Step {
        /** Returns loss, top-1 and top-5 accuracy of each rank of this process, accuracies as shares. */
        double[] make(TrainingBatch batch, double learningRate);
    }

    /** Steps of an encoder that is trained by back-propagation. */
    public static Trainer of(
            Step steps, Map<String, NDArray> state, EncoderLayout layout, TrainedEncoder encoder, Runnable end) {
        return new Trainer(steps, state, layout, encoder.parameters(), encoder.statistics(), end);
    }

    /** Writes the encoder as pre-training commits it. */
    void writeEncoder(Path file) throws IOException {
        EncoderFile.write(file, layout, new EncoderWeights(parameters.toFloatArray(), statistics.toFloatArray()));
    }

    @Override
    public void close() {
        end.run();
    }
}
