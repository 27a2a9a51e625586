package dev.moco.training.pretrain.simclr;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import dev.moco.training.pretrain.Method;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.Trainer;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.sweep.Network;
import java.util.List;
import java.util.Map;

/** SimCLR (docs/method.md §1.14): one encoder, batch norm over the whole batch, and LARS. */
public final class SimClrMethod implements Method {
    private static final String ENCODER = "encoder";
    /** Most views of a chunk, beyond which a convolution gains nothing from more. */
    private static final int CHUNK_VIEWS = 64;

    private final PretrainConfig config;

    public SimClrMethod(PretrainConfig config) {
        this.config = config;
    }

    @Override
    public void check(int images) {
        Method.check(config, Algorithm.LARS);
        if (config.precision() != Precision.FLOAT32) {
            throw StageFailure.badConfig("pretrain.precision must be float32 with SimCLR, found " + config.precision());
        }
    }

    @Override
    public List<String> program() {
        return SimClr.PROGRAM;
    }

    @Override
    public EncoderLayout layout(int classes) {
        return EncoderLayout.of(config.architecture(), config.head(), config.dimension());
    }

    @Override
    public Map<String, Shape> shapes(int classes) {
        return TrainedEncoder.shapes(List.of(ENCODER), layout(classes));
    }

    @Override
    public Map<String, NDArray> initial(NDManager manager, int classes) {
        EncoderLayout layout = layout(classes);
        return TrainedEncoder.initial(
                List.of(ENCODER),
                manager,
                layout,
                numbers -> SimClrWeights.drawParameters(layout, config.seed(), numbers));
    }

    @Override
    public Trainer begin(Map<String, NDArray> state, Means means) {
        EncoderLayout layout = layout(means.classes());
        TrainedEncoder encoder = TrainedEncoder.of(ENCODER, state);
        SimClr steps = new SimClr(
                means.program(),
                Network.of(layout.resnet()),
                layout.flat(),
                new SimClr.SimClrSettings(
                        config.ranks(),
                        chunks(2 * config.batchSize() / config.ranks()),
                        config.contrast().temperature(),
                        config.optimizer().momentum(),
                        config.optimizer().weightDecay(),
                        true),
                encoder,
                means.collectives());
        return Trainer.of(
                (batch, learningRate) -> steps.stepOfOwnRanks(
                        batch.views().query(), batch.views().key(), learningRate),
                state,
                layout,
                encoder,
                steps::close);
    }

    /** The fewest chunks of equal size of a rank's views; the same for any number of processes, as the rounding is. */
    static int chunks(int views) {
        int chunks = 1;
        while (views % chunks != 0 || views / chunks > CHUNK_VIEWS) {
            chunks++;
        }
        return chunks;
    }
}
