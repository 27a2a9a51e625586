package dev.moco.training.linear;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.Optimizer;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.progress.Metrics;
import dev.moco.training.weights.Safetensors;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A linear classifier on frozen features and its SGD, on flat buffers (see {@code linear.py}). */
final class Classifier implements AutoCloseable {
    /** Standard deviation of the initial weights; the biases are 0. */
    private static final double DEVIATION = 0.01;
    /** Random stream of the classifier, distinct from those of image order and views. */
    private static final long KEY = -3;

    private final TorchProgram program;
    private final NDArray flat;
    private final NDArray velocity;

    /**
     * Continues with buffers.
     *
     * @param flat weights (classes x channels), then biases
     * @param velocity momentum buffer of the same length
     */
    Classifier(NDArray flat, NDArray velocity) {
        this.program = TorchProgram.compile(flat.getDevice(), "/dev/moco/training/linear/linear.py");
        this.flat = flat;
        this.velocity = velocity;
    }

    /** Length of each buffer. */
    static int length(int classes, int channels) {
        return Math.multiplyExact(classes, channels + 1);
    }

    /** Weights and biases before the first step. */
    static float[] initial(int classes, int channels, long seed) {
        float[] flat = new float[length(classes, channels)];
        CounterRandom random = CounterRandom.of(seed, KEY);
        for (int i = 0; i < classes * channels; i++) {
            flat[i] = (float) (DEVIATION * random.nextGaussian());
        }
        return flat;
    }

    /** Makes a step of SGD on a batch and returns the metrics before it. */
    Metrics train(NDManager scope, NDArray features, NDArray labels, double learningRate, Optimizer optimizer) {
        return metrics(program.callWithGradients(
                        scope,
                        "train_step",
                        flat,
                        velocity,
                        features,
                        labels,
                        learningRate,
                        optimizer.momentum(),
                        optimizer.weightDecay(),
                        optimizer.algorithm() == Optimizer.Algorithm.NESTEROV)
                .singletonOrThrow());
    }

    /** Metrics of a batch. */
    Metrics evaluate(NDManager scope, NDArray features, NDArray labels) {
        return metrics(program.call(scope, "evaluate", flat, features, labels).singletonOrThrow());
    }

    /** Predicted class of each image of a batch. */
    long[] predict(NDManager scope, NDArray features) {
        return program.call(scope, "predict", flat, features).singletonOrThrow().toLongArray();
    }

    NDArray flat() {
        return flat;
    }

    NDArray velocity() {
        return velocity;
    }

    /** {@code fc.weight} and {@code fc.bias}, as torchvision names them. */
    Map<String, Safetensors.FloatTensor> tensors(int classes) {
        float[] values = flat.toFloatArray();
        int weights = values.length - classes;
        Map<String, Safetensors.FloatTensor> tensors = new LinkedHashMap<>();
        tensors.put(
                "fc.weight",
                new Safetensors.FloatTensor(List.of(classes, weights / classes), Arrays.copyOf(values, weights)));
        tensors.put(
                "fc.bias",
                new Safetensors.FloatTensor(List.of(classes), Arrays.copyOfRange(values, weights, values.length)));
        return tensors;
    }

    private static Metrics metrics(NDArray means) {
        Number[] values = means.toArray();
        return new Metrics(values[0].doubleValue(), 100 * values[1].doubleValue(), 100 * values[2].doubleValue());
    }

    @Override
    public void close() {
        program.close();
    }
}
