package dev.moco.training.peer;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.moco.contract.Architecture;
import dev.moco.training.VectorNumbers;
import dev.moco.training.pretrain.Shuffle;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.resnet.EncoderLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/** Inputs of the steps of a method of pre-training, here and in PyTorch: a ResNet-18 and small images. */
public final class PeerSteps {
    public static final int COUNT = 20;
    public static final int BATCH = 16;
    public static final Architecture ARCHITECTURE = Architecture.RESNET18;
    private static final int SIDE = 32;
    private static final long SHUFFLE = 7;

    private PeerSteps() {}

    /** Weights before the first step, which the peer loads too. */
    public static double[] parameters(Peer peer, EncoderLayout layout) throws IOException {
        double[] parameters = Weights.withSmallResiduals(layout, ARCHITECTURE);
        give(peer, layout, parameters);
        return parameters;
    }

    /** Gives the peer an encoder before the first step. */
    public static void give(Peer peer, EncoderLayout layout, double[] parameters) throws IOException {
        peer.settings().put("architecture", ARCHITECTURE.id());
        peer.give(layout.parameters(), parameters);
        peer.give(layout.statistics(), VectorNumbers.statistics(layout));
    }

    /** An encoder before the first step. */
    public static TrainedEncoder encoder(NDManager manager, DataType type, EncoderLayout layout, double[] parameters) {
        return new TrainedEncoder(
                manager.create(parameters).toType(type, true),
                manager.create(VectorNumbers.statistics(layout)).toType(type, true),
                manager.zeros(new Shape(parameters.length), type));
    }

    /**
     * Images of a step.
     *
     * @param name of the view, by which the peer finds it with the step
     * @param view views of an image differ by their noise
     */
    public static NDArray images(NDManager manager, Peer peer, String name, int step, int view) throws IOException {
        byte[] bytes = SyntheticImages.images(BATCH, SIDE, step, view);
        peer.give(name + "." + step, List.of(BATCH, SIDE, SIDE, 3), SyntheticImages.numbers(bytes));
        return manager.create(ByteBuffer.wrap(bytes), new Shape(BATCH, SIDE, SIDE, 3), DataType.UINT8);
    }

    /** Order in which a step's keys are encoded. */
    public static int[] shuffle(Peer peer, int step) throws IOException {
        int[] shuffle = Shuffle.of(SHUFFLE, step, BATCH);
        peer.give(
                "shuffle." + step,
                List.of(BATCH),
                IntStream.of(shuffle).asDoubleStream().toArray());
        return shuffle;
    }

    /** Learning rates, a tenth from the middle on. */
    public static double[] rates(Peer peer, double first) {
        double[] rates = IntStream.range(0, COUNT)
                .mapToDouble(step -> step < COUNT / 2 ? first : first / 10)
                .toArray();
        ArrayNode given = peer.settings().putArray("rates");
        DoubleStream.of(rates).forEach(given::add);
        return rates;
    }

    /**
     * Difference of an encoder from the peer's: in float64 the largest of any of its tensors, running statistics and
     * momentum included; in float32 the length of the difference of the parameters. Both are relative.
     */
    public static double difference(Peer peer, String prefix, EncoderLayout layout, TrainedEncoder encoder)
            throws IOException {
        if (encoder.parameters().getDataType() != DataType.FLOAT64) {
            return peer.distance(prefix, layout.parameters(), encoder.parameters());
        }
        return DoubleStream.of(
                        peer.difference(prefix, layout.parameters(), encoder.parameters()),
                        peer.difference(prefix, layout.statistics(), encoder.statistics()),
                        peer.difference(prefix + "velocity.", layout.parameters(), encoder.velocity()))
                .max()
                .orElseThrow();
    }
}
