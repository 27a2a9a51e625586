package dev.moco.training.pretrain;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult.Accuracy;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.device.BatchViews;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.loader.ViewBatch;
import dev.moco.training.data.loader.ViewLoader;
import dev.moco.training.engine.RateSchedule;
import dev.moco.training.progress.EpochProgress;
import dev.moco.training.progress.FiniteLoss;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.stage.Machine;
import dev.moco.training.stage.StageContext;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The loop of pre-training, from any step to the last. */
final class PretrainRun {
    private static final Logger LOG = LoggerFactory.getLogger(PretrainRun.class);

    /** Approximate number of lines of the history, besides one for each epoch. */
    private static final int HISTORY_LINES = 200;

    private static final int MIN_HISTORY_STEPS = 10;
    /** Steps from which on every epoch ends with a checkpoint. */
    private static final int LONG_EPOCH = 1000;

    private final PretrainConfig config;
    private final KnnMonitor knn;
    private final StageContext context;
    private final Trainer trainer;
    private final Collectives collectives;
    private final ViewLoader loader;
    private final BatchStream<ViewBatch> firstBatches;
    private final BatchViews views;
    private final EpochProgress progress;
    private final Monitor monitor;
    private final StepCostMeter costs;
    private final RateSchedule rates;
    private final long historySteps;
    private final long firstStep;
    private RunMetrics runMetrics;
    private long step;

    /** Measures this run's encoder by nearest neighbors. */
    @FunctionalInterface
    interface Monitor {
        double top1(IntConsumer imagesDone) throws InterruptedException;
    }

    /**
     * Continues at a step.
     *
     * @param rates learning rate of each step
     * @param firstBatches batches from that step to the end of its epoch
     */
    PretrainRun(
            PretrainConfig config,
            KnnMonitor knn,
            StageContext context,
            Trainer trainer,
            Collectives collectives,
            ViewLoader loader,
            BatchStream<ViewBatch> firstBatches,
            BatchViews views,
            RateSchedule rates,
            Monitor monitor,
            StepCostMeter costs,
            RunMetrics runMetrics,
            long step) {
        this.config = config;
        this.knn = knn;
        this.context = context;
        this.trainer = trainer;
        this.collectives = collectives;
        this.loader = loader;
        this.firstBatches = firstBatches;
        this.views = views;
        this.monitor = monitor;
        this.costs = costs;
        this.rates = rates;
        this.runMetrics = runMetrics;
        this.firstStep = step;
        this.step = step;
        this.progress = new EpochProgress(context, config.epochs(), loader.stepsPerEpoch(), config.batchSize(), step);
        this.historySteps =
                Math.max(MIN_HISTORY_STEPS, (long) config.epochs() * loader.stepsPerEpoch() / HISTORY_LINES);
    }

    /** Trains to the end and returns the metrics of the run. */
    RunMetrics toTheEnd(NDManager manager) throws IOException, InterruptedException {
        if (step == 0 && knn.enabled()) {
            monitor(0);
        }
        costs.resume();
        int stepsPerEpoch = loader.stepsPerEpoch();
        for (int epoch = (int) (step / stepsPerEpoch); epoch < config.epochs(); epoch++) {
            int first = (int) (step % stepsPerEpoch);
            if (first == 0) {
                runMetrics = runMetrics.withNewEpoch();
            }
            try (BatchStream<ViewBatch> batches = step == firstStep ? firstBatches : loader.epoch(epoch, first)) {
                while (batches.hasNext()) {
                    train(manager, batches, epoch);
                }
            }
        }
        return runMetrics;
    }

    private void train(NDManager manager, BatchStream<ViewBatch> batches, int epoch)
            throws IOException, InterruptedException {
        double learningRate = rates.rate(epoch, step);
        long waited = batches.waitNanos();
        double[] ofOwnRanks;
        int images;
        try (ViewBatch batch = batches.next();
                NDManager scope = manager.newSubManager()) {
            if (step == firstStep) {
                LOG.info("first step begins, millisSinceStart={}", Machine.uptimeMillis());
            }
            TrainingBatch training = new TrainingBatch(views.of(scope, batch), batch.labels(), step);
            ofOwnRanks = trainer.steps().make(training, learningRate);
            images = batch.size() * collectives.world().size();
        }
        StepAgreement agreed =
                StepAgreement.of(collectives, ofOwnRanks, context.stopRequested(), context.checkpointDue());
        Metrics metrics = agreed.metrics();
        FiniteLoss.require("spec.pretrain.learningRate", metrics.loss(), learningRate, epoch, config.epochs(), step);
        step++;
        runMetrics = runMetrics.withStep(metrics, images);
        progress.trained(metrics, images, batches.waitNanos() - waited);
        costs.trained(batches.waitNanos() - waited);
        boolean epochEnds = step % loader.stepsPerEpoch() == 0;
        if (epochEnds || step % historySteps == 0) {
            progress.history(epoch, runMetrics.window().mean(), learningRate);
            runMetrics = runMetrics.withNewWindow();
        }
        if (epochEnds && monitored(epoch)) {
            monitor(epoch);
        }
        if (epochEnds && keeps(epoch)) {
            keepCheckpoint();
        } else if (agreed.stop() || agreed.save() || (epochEnds && loader.stepsPerEpoch() >= LONG_EPOCH)) {
            context.saveCheckpoint(step, this::write);
            progress.resume();
        }
        if (agreed.stop()) {
            throw StageFailure.interrupted("stopped at step " + step + ", with a checkpoint");
        }
    }

    /** Returns whether an epoch ends with a checkpoint that is kept: the last one if a longer run may begin with it. */
    private boolean keeps(int epoch) {
        int every = context.task().execution().keepEveryEpochs();
        return (every > 0 && (epoch + 1) % every == 0) || (epoch + 1 == config.epochs() && config.continues());
    }

    /** Keeps a checkpoint, with its encoder in a file that other stages and programs read. */
    private void keepCheckpoint() throws IOException, InterruptedException {
        context.keepCheckpoint(step, folder -> {
            write(folder);
            trainer.writeEncoder(folder.resolve(EncoderFile.NAME));
        });
        progress.resume();
    }

    private void write(Path folder) throws IOException {
        PretrainCheckpoint.write(folder, trainer.state(), runMetrics);
        costs.write(folder);
    }

    /** Measures the trained network, if its method has classes; only in the process that writes. */
    Optional<Accuracy> accuracy(NDManager manager, DecodedImages validation, int threads) throws InterruptedException {
        Method method = Method.of(config);
        if (!collectives.world().writes() || !method.needsClasses()) {
            return Optional.empty();
        }
        IntConsumer done = progress.begin("evaluating")::done;
        return method.accuracy(trainer, new ValidationImages(manager, validation, threads, done));
    }

    private boolean monitored(int epoch) {
        int every = knn.everyEpochs();
        return knn.enabled() && ((epoch + 1) % every == 0 || epoch + 1 == config.epochs());
    }

    /** Only the process that writes measures the encoder; the others wait for it in the next step. */
    private void monitor(int epoch) throws InterruptedException {
        if (!collectives.world().writes()) {
            return;
        }
        double top1 = monitor.top1(progress.begin("knn")::done);
        progress.history(epoch, Map.of("knnTop1", top1));
        progress.resume();
        costs.resume();
        runMetrics = step == 0 ? runMetrics.withUntrainedKnn(top1) : runMetrics.withKnn(top1);
    }
}
