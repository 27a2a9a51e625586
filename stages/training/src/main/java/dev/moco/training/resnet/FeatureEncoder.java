package dev.moco.training.resnet;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Precision;
import dev.moco.training.engine.TorchProgram;
import java.nio.ByteBuffer;
import java.util.List;

/** Computes the pooled features that linear probe and kNN classify, batch norms in evaluation mode. */
public final class FeatureEncoder implements AutoCloseable {
    /** Momentum that selects evaluation in the program. */
    private static final double EVALUATION = -1;

    private final TorchProgram program;
    private final List<Object> encoder;

    /**
     * Keeps references to the arrays, so that each forward pass sees weights that were updated in place.
     *
     * @param parameters flat, in the order of the layout; with or without a head
     * @param statistics running means and variances
     */
    public FeatureEncoder(EncoderLayout layout, NDArray parameters, NDArray statistics, Precision precision) {
        this.program = TorchProgram.compile(parameters.getDevice(), "/dev/moco/training/resnet/encoder.py");
        this.encoder = new EncoderArguments(layout, precision).of(parameters, statistics);
    }

    /**
     * Features of a batch, count x channels in float32, attached to {@code scope}.
     *
     * @param pixels count x size x size x 3 bytes, direct
     */
    public NDArray features(NDManager scope, ByteBuffer pixels, int count, int size) {
        NDArray images = scope.create(pixels, new Shape(count, size, size, 3), DataType.UINT8);
        return program.call(scope, "features", encoder, images, EVALUATION).singletonOrThrow();
    }

    @Override
    public void close() {
        program.close();
    }
}
