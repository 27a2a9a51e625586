package dev.moco.training.pretrain;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.PretrainConfig;
import dev.moco.training.resnet.EncoderLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MoCo and MoCo v2 (docs/method.md §1): a queue of keys, and a key encoder that follows the query encoder. */
final class MocoMethod implements Method {
    private static final Logger LOG = LoggerFactory.getLogger(MocoMethod.class);

    private final PretrainConfig config;

    MocoMethod(PretrainConfig config) {
        this.config = config;
    }

    @Override
    public void check(int images) {
        KeyQueue.check(config.contrast().queueSize(), config.batchSize());
        Method.check(config, Algorithm.SGD);
        if (config.contrast().queueSize() >= images) {
            LOG.warn(
                    "pretrain.queueSize={} is not below the number of training images, {}: an image's own older keys"
                            + " will be among its negatives",
                    config.contrast().queueSize(),
                    images);
        }
    }

    @Override
    public List<String> program() {
        return MomentumContrast.PROGRAM;
    }

    @Override
    public EncoderLayout layout(int classes) {
        return EncoderLayout.of(config.architecture(), config.head(), config.dimension());
    }

    @Override
    public Map<String, Shape> shapes(int classes) {
        return MocoState.shapes(
                layout(classes), config.dimension(), config.contrast().queueSize());
    }

    @Override
    public Map<String, NDArray> initial(NDManager manager, int classes) {
        return MocoState.initial(
                        manager,
                        layout(classes),
                        config.dimension(),
                        config.contrast().queueSize(),
                        config.seed())
                .named();
    }

    @Override
    public Map<String, NDArray> replacedBy(Path file, Map<String, NDArray> drawn, EncoderLayout layout)
            throws IOException {
        return MocoState.of(drawn).replacedBy(file, layout).named();
    }

    @Override
    public Trainer begin(Map<String, NDArray> arrays, Means means) {
        EncoderLayout layout = layout(means.classes());
        MocoState state = MocoState.of(arrays);
        int queueSize = config.contrast().queueSize();
        MomentumContrast contrast = new MomentumContrast(
                means.program(),
                layout,
                MomentumContrast.Settings.of(config),
                state,
                (int) (means.firstStep() * config.batchSize() % queueSize),
                means.threads(),
                means.collectives());
        return new Trainer(
                (batch, learningRate) -> contrast.stepOfOwnRanks(
                        batch.views().query(),
                        batch.views().key(),
                        Shuffle.of(config.seed(), batch.step(), config.batchSize()),
                        learningRate),
                arrays,
                layout,
                state.query(),
                state.queryStatistics(),
                contrast::close);
    }
}
