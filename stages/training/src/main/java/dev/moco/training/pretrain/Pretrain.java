package dev.moco.training.pretrain;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.Accuracy;
import dev.moco.contract.StageTask;
import dev.moco.contract.StepCost;
import dev.moco.contract.StepThreads;
import dev.moco.contract.ViewSamples;
import dev.moco.training.collectives.Agreements;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.augment.PretrainView;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.device.BatchViews;
import dev.moco.training.data.loader.BatchPart;
import dev.moco.training.data.loader.BatchRule;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewLoader;
import dev.moco.training.data.loader.ViewPlace;
import dev.moco.training.data.shards.Split;
import dev.moco.training.data.shards.Splits;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.RateSchedule;
import dev.moco.training.knn.WeightedNeighbors;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.FeatureEncoder;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageContext.Checkpoint;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.stage.StageProgram;
import dev.moco.training.weights.exchange.InitialState;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pre-training by any {@link Method} (docs/method.md §1): trains an encoder and writes it as {@value EncoderFile#NAME}. */
public final class Pretrain implements StageProgram<PretrainConfig> {
    private static final Logger LOG = LoggerFactory.getLogger(Pretrain.class);

    private final Splits splits;
    private final BiFunction<PretrainConfig, StageTask.Execution, PretrainSetup> setups;
    private final Function<Device, ViewPlace> viewPlace;
    private final Collectives collectives;

    public Pretrain(Splits splits) {
        this(splits, BatchViews::place);
    }

    /** Uses a setup that was begun before the store was opened, with the ranks divided among processes. */
    public Pretrain(Splits splits, PretrainSetup begun, Collectives collectives) {
        this(splits, (config, execution) -> begun, BatchViews::place, collectives);
    }

    /** Makes views at a place of choice. */
    Pretrain(Splits splits, Function<Device, ViewPlace> viewPlace) {
        this(
                splits,
                (config, execution) ->
                        PretrainSetup.begin(config, execution.threads(), execution.deterministic(), World.ALONE),
                viewPlace,
                Collectives.ALONE);
    }

    private Pretrain(
            Splits splits,
            BiFunction<PretrainConfig, StageTask.Execution, PretrainSetup> setups,
            Function<Device, ViewPlace> viewPlace,
            Collectives collectives) {
        this.splits = splits;
        this.setups = setups;
        this.viewPlace = viewPlace;
        this.collectives = collectives;
    }

    @Override
    public StageOutput run(PretrainConfig config, StageContext context) throws IOException, InterruptedException {
        try (PretrainSetup setup = setups.apply(config, context.task().execution())) {
            return run(config, context, setup);
        }
    }

    private StageOutput run(PretrainConfig config, StageContext context, PretrainSetup setup)
            throws IOException, InterruptedException {
        ArtifactReader imagenet = context.input(StageTask.IMAGENET);
        ImageSet trainSet = splits.open(imagenet, Split.TRAIN);
        ImageDecoder decoder = setup.decoder();
        DecodedImages train = new DecodedImages(trainSet, decoder);
        Method method = setup.method();
        method.check(train.size());
        collectives.world().ranks(config.ranks());
        World world = collectives.world();
        int allThreads = context.task().execution().threads();
        int threads = Math.max(1, allThreads / world.here());
        PretrainView view = PretrainView.of(config);
        NDManager manager = setup.manager();
        int ranksAtOnce = Math.max(1, StepThreads.of(config, allThreads).ranks() / world.here());
        try (RankThreads ranks = new RankThreads(ranksAtOnce);
                ViewLoader loader = new ViewLoader(
                        train,
                        view,
                        viewPlace.apply(manager.getDevice()),
                        BatchRule.of(config),
                        new BatchPart(world.index(), world.size()),
                        config.seed(),
                        threads);
                BatchViews views = BatchViews.open(manager, view, loader.place())) {
            KnnMonitor knn = context.task().execution().knn();
            KnnMonitor settings = knn == null ? KnnMonitor.OFF : knn;
            Optional<Checkpoint> own = context.latestCheckpoint();
            Optional<Checkpoint> checkpoint =
                    own.isPresent() ? own : ofAnother(config, context, loader.stepsPerEpoch());
            long steps = (long) config.epochs() * loader.stepsPerEpoch();
            long first = checkpoint.map(found -> found.stepWithin(steps)).orElse(0L);
            Agreements.requireSameStep(collectives, first);
            RunMetrics runMetrics = checkpoint.isPresent()
                    ? PretrainCheckpoint.metrics(checkpoint.get().folder())
                    : RunMetrics.START;
            if (own.isEmpty()) {
                runMetrics = runMetrics.ofAnother(settings.enabled());
            }
            StepCostMeter costs = new StepCostMeter(manager.getDevice());
            if (checkpoint.isPresent()) {
                costs.read(checkpoint.get().folder());
            }
            int classes = trainSet.classNames().size();
            // Its threads decode images while the state is drawn or read.
            try (BatchStream<ViewBatch> batches = batches(loader, first, config.epochs())) {
                Map<String, NDArray> state = state(setup, classes, checkpoint, context);
                try (Trainer trainer =
                        method.begin(state, new Method.Means(setup.program(), ranks, collectives, classes, first))) {
                    LOG.info(
                            "pretrain images={} steps={} first={} parameters={} decoder={}",
                            train.size(),
                            steps,
                            first,
                            trainer.parameters().size(),
                            decoder.jpegDecoder());
                    DecodedImages validation = settings.enabled() || method.needsClasses()
                            ? new DecodedImages(splits.open(imagenet, Split.VALIDATION), decoder)
                            : train;
                    PretrainRun.Monitor monitor = imagesDone -> {
                        try (FeatureEncoder features = encoder(trainer, config);
                                WeightedNeighbors neighbors = new WeightedNeighbors(
                                        manager, features, settings, config.imageSize(), threads)) {
                            return neighbors.top1(train, validation, classes, imagesDone);
                        }
                    };
                    PretrainRun run = new PretrainRun(
                            config,
                            settings,
                            context,
                            trainer,
                            collectives,
                            loader,
                            batches,
                            views,
                            RateSchedule.of(
                                    config.optimizer(),
                                    config.epochs(),
                                    train.size(),
                                    config.batchSize(),
                                    loader.stepsPerEpoch()),
                            monitor,
                            costs,
                            runMetrics,
                            first);
                    RunMetrics end = run.toTheEnd(manager);
                    StepCost cost = costs.total(collectives);
                    Map<String, Path> logs = world.writes()
                            ? Map.of(
                                    ViewSamples.FILE,
                                    ViewPictures.write(context.scratch(), trainSet, train, view, config.seed()))
                            : Map.of();
                    return output(context, trainer, end, run.accuracy(manager, validation, threads), cost, logs);
                }
            }
        }
    }

    /**
     * The newest checkpoint of another run whose steps up to there are those of this one. The last epoch is trained in any
     * case, since what it reports, such as its monitor, is not that of an epoch in the middle.
     */
    private static Optional<Checkpoint> ofAnother(PretrainConfig config, StageContext context, int stepsPerEpoch)
            throws IOException {
        return config.continues()
                ? context.checkpointOfAnother(other -> other instanceof PretrainConfig pretrain
                        ? (long) Math.min(config.epochsSharedWith(pretrain), config.epochs() - 1) * stepsPerEpoch
                        : 0)
                : Optional.empty();
    }

    private static FeatureEncoder encoder(Trainer trainer, PretrainConfig config) {
        return new FeatureEncoder(trainer.layout(), trainer.parameters(), trainer.statistics(), config.precision());
    }

    /** Batches from a step to the end of its epoch; none after the last step. */
    private static BatchStream<ViewBatch> batches(ViewLoader loader, long step, int epochs) {
        int epoch = (int) Math.min(step / loader.stepsPerEpoch(), epochs - 1);
        return loader.epoch(epoch, (int) (step - (long) epoch * loader.stepsPerEpoch()));
    }

    private static Map<String, NDArray> state(
            PretrainSetup setup, int classes, Optional<Checkpoint> checkpoint, StageContext context)
            throws IOException, InterruptedException {
        Method method = setup.method();
        if (checkpoint.isEmpty()) {
            Map<String, NDArray> drawn = setup.initialState(classes);
            return startsFromWeights(context)
                    ? method.replacedBy(
                            context.input(StageTask.INITIAL).file(InitialState.FILE), drawn, method.layout(classes))
                    : drawn;
        }
        setup.dropInitialState();
        return PretrainCheckpoint.state(setup.manager(), checkpoint.get().folder(), method.shapes(classes));
    }

    private static boolean startsFromWeights(StageContext context) {
        return context.task().inputs().containsKey(StageTask.INITIAL);
    }

    private static StageOutput output(
            StageContext context,
            Trainer trainer,
            RunMetrics end,
            Optional<Accuracy> validation,
            StepCost cost,
            Map<String, Path> logs)
            throws IOException {
        Path file = context.scratch().resolve(EncoderFile.NAME);
        trainer.writeEncoder(file);
        Metrics lastEpoch = end.epoch().mean();
        return new StageOutput(
                Map.of(EncoderFile.NAME, file),
                logs,
                new StageResult.Pretrained(
                        lastEpoch.loss(),
                        lastEpoch.top1(),
                        lastEpoch.top5(),
                        end.knnTop1(),
                        startsFromWeights(context) ? null : end.knnTop1Untrained(),
                        validation.orElse(null),
                        cost));
    }
}
