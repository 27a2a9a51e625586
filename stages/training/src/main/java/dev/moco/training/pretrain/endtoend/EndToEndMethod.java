package dev.moco.training.pretrain.endtoend;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainMethod;
import dev.moco.training.pretrain.Method;
import dev.moco.training.pretrain.Shuffle;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.Trainer;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The end-to-end mechanism (docs/method.md §1.13): two encoders that begin equal, or one for queries and keys. */
public final class EndToEndMethod implements Method {
    private static final String QUERY = "query";
    private static final String KEY = "key";

    private final PretrainConfig config;
    private final PretrainMethod.EndToEnd own;

    /**
     * A run's method.
     *
     * @param own the method of {@code config}
     */
    public EndToEndMethod(PretrainConfig config, PretrainMethod.EndToEnd own) {
        this.config = config;
        this.own = own;
    }

    @Override
    public void check(int images) {
        Method.check(config, Algorithm.SGD);
        Method.checkGroups(config, own.groupImages());
    }

    @Override
    public List<String> program() {
        return EndToEnd.PROGRAM;
    }

    @Override
    public EncoderLayout layout(int classes) {
        return EncoderLayout.of(config.architecture(), config.head(), config.dimension());
    }

    private List<String> encoders() {
        return own.sharedEncoder() ? List.of(QUERY) : List.of(QUERY, KEY);
    }

    @Override
    public Map<String, Shape> shapes(int classes) {
        return TrainedEncoder.shapes(encoders(), layout(classes));
    }

    @Override
    public Map<String, NDArray> initial(NDManager manager, int classes) {
        EncoderLayout layout = layout(classes);
        return TrainedEncoder.initial(
                encoders(), manager, layout, numbers -> EncoderWeights.drawParameters(layout, config.seed(), numbers));
    }

    @Override
    public Trainer begin(Map<String, NDArray> state, Means means) {
        EncoderLayout layout = layout(means.classes());
        TrainedEncoder query = TrainedEncoder.of(QUERY, state);
        EndToEnd steps = new EndToEnd(
                means.program(),
                layout,
                new EndToEnd.EndToEndSettings(
                        config.ranks(),
                        own.groupImages(),
                        config.contrast().temperature(),
                        own.symmetric(),
                        config.optimizer().momentum(),
                        config.optimizer().weightDecay(),
                        config.precision()),
                query,
                own.sharedEncoder() ? Optional.empty() : Optional.of(TrainedEncoder.of(KEY, state)),
                means.threads(),
                means.collectives());
        return Trainer.of(
                (batch, learningRate) -> steps.stepOfOwnRanks(
                        batch.views().query(),
                        batch.views().key(),
                        Shuffle.of(config.seed(), batch.step(), config.batchSize()),
                        learningRate),
                state,
                layout,
                query,
                steps::close);
    }
}
