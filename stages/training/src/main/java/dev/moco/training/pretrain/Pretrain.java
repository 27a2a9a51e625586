package dev.moco.training.pretrain;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.contract.StepCost;
import dev.moco.contract.StepThreads;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.device.BatchViews;
import dev.moco.training.data.loader.BatchPart;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewLoader;
import dev.moco.training.data.loader.ViewPlace;
import dev.moco.training.data.shards.Split;
import dev.moco.training.data.shards.Splits;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.knn.WeightedNeighbors;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FeatureEncoder;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageContext.Checkpoint;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.stage.StageProgram;
import dev.moco.training.weights.exchange.InitialState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** MoCo pre-training (docs/method.md §1): trains a query encoder and writes it as {@value EncoderFile#NAME}. */
public final class Pretrain implements StageProgram<PretrainConfig> {
    private static final Logger LOG = LoggerFactory.getLogger(Pretrain.class);

    private final Splits splits;
    private final BiFunction<PretrainConfig, Integer, PretrainSetup> setups;
    private final Function<Device, ViewPlace> viewPlace;
    private final Collectives collectives;

    public Pretrain(Splits splits) {
        this(splits, BatchViews::place);
    }

    /** Uses a setup that was begun before the store was opened, with the ranks divided among processes. */
    public Pretrain(Splits splits, PretrainSetup begun, Collectives collectives) {
        this(splits, (config, threads) -> begun, BatchViews::place, collectives);
    }

    /** Makes views at a place of choice. */
    Pretrain(Splits splits, Function<Device, ViewPlace> viewPlace) {
        this(splits, PretrainSetup::begin, viewPlace, Collectives.ALONE);
    }

    private Pretrain(
            Splits splits,
            BiFunction<PretrainConfig, Integer, PretrainSetup> setups,
            Function<Device, ViewPlace> viewPlace,
            Collectives collectives) {
        this.splits = splits;
        this.setups = setups;
        this.viewPlace = viewPlace;
        this.collectives = collectives;
    }

    @Override
    public StageOutput run(PretrainConfig config, StageContext context) throws IOException, InterruptedException {
        int threads = context.task().execution().threads();
        try (PretrainSetup setup = setups.apply(config, threads)) {
            return run(config, context, setup);
        }
    }

    private StageOutput run(PretrainConfig config, StageContext context, PretrainSetup setup)
            throws IOException, InterruptedException {
        ArtifactReader imagenet = context.input(StageTask.IMAGENET);
        ImageSet trainSet = splits.open(imagenet, Split.TRAIN);
        ImageDecoder decoder = setup.decoder();
        DecodedImages train = new DecodedImages(trainSet, decoder);
        check(config, train.size());
        collectives.world().ranks(config.ranks());
        World world = collectives.world();
        int allThreads = context.task().execution().threads();
        int threads = Math.max(1, allThreads / world.size());
        int share = config.batchSize() / world.size();
        BatchPart part = new BatchPart(world.index() * share, share);
        PretrainView view = PretrainView.of(config.augmentation(), config.imageSize());
        NDManager manager = setup.manager();
        int ranksAtOnce = Math.max(1, StepThreads.of(config, allThreads).ranks() / world.size());
        try (RankThreads ranks = new RankThreads(ranksAtOnce);
                ViewLoader loader = new ViewLoader(
                        train,
                        view,
                        viewPlace.apply(manager.getDevice()),
                        config.batchSize(),
                        part,
                        config.seed(),
                        threads);
                BatchViews views = BatchViews.open(manager, view, loader.place())) {
            EncoderLayout layout = PretrainSetup.layout(config);
            Optional<Checkpoint> checkpoint = context.latestCheckpoint();
            long steps = (long) config.epochs() * loader.stepsPerEpoch();
            long first = checkpoint.map(found -> found.stepWithin(steps)).orElse(0L);
            requireSameStep(first);
            RunMetrics runMetrics = checkpoint.isPresent()
                    ? PretrainCheckpoint.metrics(checkpoint.get().folder())
                    : RunMetrics.START;
            StepCostMeter costs = new StepCostMeter(manager.getDevice());
            if (checkpoint.isPresent()) {
                costs.read(checkpoint.get().folder());
            }
            int pointer = (int) (first * config.batchSize() % config.contrast().queueSize());
            // Its threads decode images while the state is drawn or read.
            try (BatchStream<ViewBatch> batches = batches(loader, first, config.epochs())) {
                MocoState state = state(setup, config, layout, checkpoint, context);
                LOG.info(
                        "pretrain images={} steps={} first={} parameters={} decoder={}",
                        train.size(),
                        steps,
                        first,
                        state.query().size(),
                        decoder.jpegDecoder());
                try (MomentumContrast contrast = new MomentumContrast(
                        setup.program(),
                        layout,
                        MomentumContrast.Settings.of(config),
                        state,
                        pointer,
                        ranks,
                        collectives)) {
                    KnnMonitor knn = context.task().execution().knn();
                    KnnMonitor settings = knn == null ? KnnMonitor.OFF : knn;
                    DecodedImages validation = settings.enabled()
                            ? new DecodedImages(splits.open(imagenet, Split.VALIDATION), decoder)
                            : train;
                    int classes = trainSet.classNames().size();
                    PretrainRun.Monitor monitor = imagesDone -> {
                        try (FeatureEncoder features = encoder(layout, state, config);
                                WeightedNeighbors neighbors = new WeightedNeighbors(
                                        manager, features, settings, config.imageSize(), threads)) {
                            return neighbors.top1(train, validation, classes, imagesDone);
                        }
                    };
                    RunMetrics end = new PretrainRun(
                                    config,
                                    settings,
                                    context,
                                    contrast,
                                    loader,
                                    batches,
                                    views,
                                    monitor,
                                    costs,
                                    runMetrics,
                                    first)
                            .toTheEnd(manager);
                    return output(context, layout, state, end, costs.total(collectives));
                }
            }
        }
    }

    /** Fails unless all processes have read the same checkpoint: one may have found it damaged, or none yet. */
    private void requireSameStep(long first) {
        double[][] byProcess = collectives.agree((double) first);
        for (double[] other : byProcess) {
            if (other[0] != first) {
                throw StageFailure.fault("the processes of the stage have read checkpoints of different steps: "
                        + Arrays.deepToString(byProcess));
            }
        }
    }

    private static FeatureEncoder encoder(EncoderLayout layout, MocoState state, PretrainConfig config) {
        return new FeatureEncoder(layout, state.query(), state.queryStatistics(), config.precision());
    }

    /** Batches from a step to the end of its epoch; none after the last step. */
    private static BatchStream<ViewBatch> batches(ViewLoader loader, long step, int epochs) {
        int epoch = (int) Math.min(step / loader.stepsPerEpoch(), epochs - 1);
        return loader.epoch(epoch, (int) (step - (long) epoch * loader.stepsPerEpoch()));
    }

    private static void check(PretrainConfig config, int images) {
        MomentumContrast.check(config);
        if (config.contrast().queueSize() >= images) {
            LOG.warn(
                    "pretrain.queueSize={} is not below the number of training images, {}: an image's own older keys"
                            + " will be among its negatives",
                    config.contrast().queueSize(),
                    images);
        }
    }

    private static MocoState state(
            PretrainSetup setup,
            PretrainConfig config,
            EncoderLayout layout,
            Optional<Checkpoint> checkpoint,
            StageContext context)
            throws IOException, InterruptedException {
        if (checkpoint.isEmpty()) {
            MocoState drawn = setup.initialState();
            return startsFromWeights(context)
                    ? drawn.replacedBy(context.input(StageTask.INITIAL).file(InitialState.FILE), layout)
                    : drawn;
        }
        setup.dropInitialState();
        return PretrainCheckpoint.state(
                setup.manager(),
                layout,
                checkpoint.get().folder(),
                config.dimension(),
                config.contrast().queueSize());
    }

    private static boolean startsFromWeights(StageContext context) {
        return context.task().inputs().containsKey(StageTask.INITIAL);
    }

    private static StageOutput output(
            StageContext context, EncoderLayout layout, MocoState state, RunMetrics end, StepCost cost)
            throws IOException {
        Path file = context.scratch().resolve(EncoderFile.NAME);
        EncoderFile.write(
                file,
                layout,
                new EncoderWeights(
                        state.query().toFloatArray(), state.queryStatistics().toFloatArray()));
        Metrics lastEpoch = end.epoch().mean();
        return new StageOutput(
                Map.of(EncoderFile.NAME, file),
                Map.of(),
                new StageResult.Pretrained(
                        lastEpoch.loss(),
                        lastEpoch.top1(),
                        lastEpoch.top5(),
                        end.knnTop1(),
                        startsFromWeights(context) ? null : end.knnTop1Untrained(),
                        null,
                        cost));
    }
}
