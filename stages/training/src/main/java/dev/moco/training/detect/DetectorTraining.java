package dev.moco.training.detect;

import dev.moco.contract.DetectConfig;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.StageFailure;
import dev.moco.training.collectives.Agreements;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.detect.input.BatchOrder;
import dev.moco.training.detect.input.DetectionImages;
import dev.moco.training.detect.input.TrainingBatches;
import dev.moco.training.detect.input.TrainingImage;
import dev.moco.training.detect.model.Detector;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.detect.model.Losses;
import dev.moco.training.engine.NativeHeap;
import dev.moco.training.resnet.FlatLayout;
import dev.moco.training.stage.StageContext;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Trains from the latest checkpoint to the last iteration, then computes precise batch norm statistics. */
final class DetectorTraining {

    /** Iterations between two history points. */
    private static final int HISTORY_EVERY = 20;

    private final DetectConfig config;
    private final StageContext context;
    private final Collectives collectives;
    private final Detector detector;
    private final WarmupMultiStepSchedule schedule;
    private final DetectorProgress progress;
    private int saved;

    /** @param collectives shares the ranks with other processes */
    DetectorTraining(
            DetectConfig config,
            StageContext context,
            Collectives collectives,
            Detector detector,
            DetectorProgress progress) {
        this.config = config;
        this.context = context;
        this.collectives = collectives;
        this.detector = detector;
        this.schedule = new WarmupMultiStepSchedule(config.solver());
        this.progress = progress;
    }

    /**
     * Trains.
     *
     * @param state state after {@code first} iterations
     * @param first number of iterations done
     */
    void run(DetectorState state, int first, DetectionImages images) throws IOException, InterruptedException {
        DetectConfig.Solver solver = config.solver();
        BatchOrder order =
                new BatchOrder(images.images(), config.seed(), solver.ranks(), solver.batchSize() / solver.ranks());
        int threads = Math.max(
                1, context.task().execution().threads() / collectives.world().size());
        try (TrainingBatches batches =
                new TrainingBatches(images, order, collectives.world(), config.seed(), first, threads)) {
            progress.start(first);
            saved = first;
            for (int iteration = first; iteration < solver.iterations(); iteration++) {
                saveIfNeeded(state, iteration);
                long begin = System.nanoTime();
                Losses losses = detector.train(state, batches.next(), iteration, schedule.learningRate(iteration));
                NativeHeap.trimAfter(begin);
                requireFinite(losses, iteration);
                progress.trained(iteration + 1, losses, batches.waitNanos());
                report(iteration, losses);
            }
            save(state, solver.iterations());
            computePreciseStatistics(state, batches);
        }
    }

    /** Saves a checkpoint if it is time, or a stop was requested, of any process; a stop ends the stage. */
    private void saveIfNeeded(DetectorState state, int iterations) throws IOException {
        boolean[] agreed = Agreements.any(collectives, context.stopRequested(), context.checkpointDue());
        boolean stop = agreed[0];
        if (stop || agreed[1]) {
            save(state, iterations);
        }
        if (stop) {
            throw StageFailure.interrupted("stopped after " + iterations + " of "
                    + config.solver().iterations() + " iterations, checkpoint saved");
        }
    }

    private static void requireFinite(Losses losses, int iteration) {
        if (!losses.finite()) {
            throw StageFailure.badConfig("iteration " + iteration + ": the loss is not finite, found " + losses
                    + "; spec.detection.learningRate is too high for the batch size, or the warm-up too short");
        }
    }

    private void report(int iteration, Losses losses) {
        if ((iteration + 1) % HISTORY_EVERY == 0
                || iteration + 1 == config.solver().iterations()) {
            Map<String, Double> values = new HashMap<>(losses.values());
            values.put("learningRate", schedule.learningRate(iteration));
            values.putAll(progress.rates());
            context.history(new HistoryPoint(0, iteration + 1, values));
        }
    }

    /** Saves a checkpoint unless this iteration has one. */
    private void save(DetectorState state, int iterations) throws IOException {
        if (saved == iterations) {
            return;
        }
        context.saveCheckpoint(iterations, folder -> DetectorCheckpoint.write(state, folder));
        saved = iterations;
        progress.resume();
    }

    /**
     * Replaces the running statistics by precise ones, from the batches after the last iteration. A run that is interrupted
     * here and resumed uses the same batches.
     */
    private void computePreciseStatistics(DetectorState state, TrainingBatches batches) throws InterruptedException {
        if (config.preciseBnIterations() == 0) {
            return;
        }
        PreciseBatchNorm norms =
                new PreciseBatchNorm(FlatLayout.length(detector.layout().flat().statistics()));
        int iterations = config.solver().iterations();
        progress.phase("batch-norm");
        for (int i = 0; i < config.preciseBnIterations(); i++) {
            if (Agreements.any(collectives, context.stopRequested())[0]) {
                throw StageFailure.interrupted("stopped after the last iteration; its checkpoint is saved");
            }
            List<List<TrainingImage>> batch = batches.next();
            detector.updateStatistics(state, batch, iterations + i);
            norms.add(state.statistics().toFloatArray());
            progress.phase("batch-norm");
        }
        double[] means = norms.means();
        float[] statistics = new float[means.length];
        for (int i = 0; i < means.length; i++) {
            statistics[i] = (float) means[i];
        }
        detector.setStatistics(state, statistics);
    }
}
