package dev.moco.training.pretrain.supervised;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainMethod;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult.Accuracy;
import dev.moco.training.data.augment.EvaluationView;
import dev.moco.training.data.loader.BatchRule;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.LabeledBatch;
import dev.moco.training.data.loader.LabeledLoader;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.Method;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.Trainer;
import dev.moco.training.pretrain.ValidationImages;
import dev.moco.training.progress.MetricAverage;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Supervised training (docs/method.md §1.15): a head with a score for each class of the data. */
public final class SupervisedMethod implements Method {
    private static final String ENCODER = "encoder";
    /** Momentum that selects evaluation in the program. */
    private static final double EVALUATION = -1;

    private final PretrainConfig config;
    private final PretrainMethod.Supervised own;

    /**
     * A run's method.
     *
     * @param own the method of {@code config}
     */
    public SupervisedMethod(PretrainConfig config, PretrainMethod.Supervised own) {
        this.config = config;
        this.own = own;
    }

    @Override
    public void check(int images) {
        Method.check(config, Algorithm.SGD);
        Method.checkGroups(config, own.groupImages());
        int last = BatchRule.of(config).size((images - 1) / config.batchSize(), images) / config.ranks();
        int groups = Math.max(1, (last + own.groupImages() - 1) / own.groupImages());
        if (last / groups < 2) {
            throw StageFailure.badConfig(
                    "pretrain.batchSize must leave each group of a rank 2 images or more in the last"
                            + " batch of an epoch, for its batch statistics, found " + images + " images in batches of "
                            + config.batchSize() + " with " + config.ranks() + " ranks and pretrain.groupImages "
                            + own.groupImages());
        }
    }

    @Override
    public List<String> program() {
        return Supervised.PROGRAM;
    }

    @Override
    public boolean needsClasses() {
        return true;
    }

    @Override
    public EncoderLayout layout(int classes) {
        return EncoderLayout.of(config.architecture(), config.head(), classes);
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
                numbers -> EncoderWeights.drawParameters(layout, config.seed(), numbers));
    }

    @Override
    public Trainer begin(Map<String, NDArray> state, Means means) {
        EncoderLayout layout = layout(means.classes());
        TrainedEncoder encoder = TrainedEncoder.of(ENCODER, state);
        Supervised steps = new Supervised(
                means.program(),
                layout,
                new Supervised.SupervisedSettings(
                        config.ranks(),
                        own.groupImages(),
                        config.optimizer().momentum(),
                        config.optimizer().weightDecay(),
                        config.precision()),
                encoder,
                means.threads(),
                means.collectives());
        return Trainer.of(
                (batch, learningRate) -> {
                    NDArray images = batch.views().query();
                    return steps.stepOfOwnRanks(images, batch.labels(images.getManager()), learningRate);
                },
                state,
                layout,
                encoder,
                steps::close);
    }

    /** Means over all images of the resized and center-cropped view of linear classification. */
    @Override
    public Optional<Accuracy> accuracy(Trainer trainer, ValidationImages images) throws InterruptedException {
        List<Object> encoder = new EncoderArguments(trainer.layout(), config.precision())
                .of(trainer.parameters(), trainer.statistics());
        MetricAverage sums = MetricAverage.NONE;
        try (TorchProgram program = TorchProgram.compile(images.manager().getDevice(), Map.of(), Supervised.PROGRAM);
                LabeledLoader loader = new LabeledLoader(
                        images.images(),
                        new EvaluationView(config.imageSize()),
                        config.batchSize() / config.ranks(),
                        config.seed(),
                        images.threads());
                BatchStream<LabeledBatch> batches = loader.inOrder()) {
            while (batches.hasNext()) {
                try (LabeledBatch batch = batches.next();
                        NDManager scope = images.manager().newSubManager()) {
                    sums = sums.plus(metrics(program, scope, encoder, batch), batch.size());
                    images.done().accept(batch.size());
                }
            }
        }
        return Optional.of(new Accuracy(sums.mean().top1(), sums.mean().top5()));
    }

    private Metrics metrics(TorchProgram program, NDManager scope, List<Object> encoder, LabeledBatch batch) {
        int size = config.imageSize();
        NDArray pixels = scope.create(batch.images(), new Shape(batch.size(), size, size, 3), DataType.UINT8);
        NDArray scores =
                program.call(scope, "project", encoder, pixels, EVALUATION).singletonOrThrow();
        NDArray labels =
                scope.create(Arrays.stream(batch.labels()).asLongStream().toArray());
        Number[] values = program.callWithGradients(scope, "cross_entropy", scores, labels)
                .get(0)
                .toArray();
        return new Metrics(values[0].doubleValue(), 100 * values[1].doubleValue(), 100 * values[2].doubleValue());
    }
}
