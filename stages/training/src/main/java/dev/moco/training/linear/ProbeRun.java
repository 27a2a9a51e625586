package dev.moco.training.linear;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.StageFailure;
import dev.moco.training.collectives.Agreements;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.loader.BatchStream;
import dev.moco.training.data.loader.LabeledBatch;
import dev.moco.training.data.loader.LabeledLoader;
import dev.moco.training.engine.RateSchedule;
import dev.moco.training.progress.EpochProgress;
import dev.moco.training.progress.FiniteLoss;
import dev.moco.training.progress.MetricAverage;
import dev.moco.training.progress.Metrics;
import dev.moco.training.stage.StageContext;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** The loop of linear classification, from any step to the last; each epoch ends with a validation. */
final class ProbeRun {
    private final LinearConfig config;
    private final StageContext context;
    private final Collectives collectives;
    private final SharedFeatures features;
    private final Classifier classifier;
    private final LabeledLoader train;
    private final LabeledLoader validation;
    private final FrozenEncoderCheck frozen;
    private final EpochProgress progress;
    private final RateSchedule rates;
    private ProbeMetrics probeMetrics;
    private long step;

    ProbeRun(
            LinearConfig config,
            StageContext context,
            Collectives collectives,
            SharedFeatures features,
            Classifier classifier,
            LabeledLoader train,
            LabeledLoader validation,
            FrozenEncoderCheck frozen,
            ProbeMetrics probeMetrics,
            long step) {
        this.config = config;
        this.context = context;
        this.collectives = collectives;
        this.features = features;
        this.classifier = classifier;
        this.train = train;
        this.validation = validation;
        this.frozen = frozen;
        this.probeMetrics = probeMetrics;
        this.step = step;
        this.progress = new EpochProgress(context, config.epochs(), train.stepsPerEpoch(), config.batchSize(), step);
        this.rates = RateSchedule.of(
                config.optimizer(), config.epochs(), train.images(), config.batchSize(), train.stepsPerEpoch());
    }

    ProbeMetrics toTheEnd(NDManager manager) throws IOException, InterruptedException {
        int stepsPerEpoch = train.stepsPerEpoch();
        for (int epoch = (int) (step / stepsPerEpoch); epoch < config.epochs(); epoch++) {
            int first = (int) (step % stepsPerEpoch);
            if (first == 0) {
                probeMetrics = probeMetrics.withNewEpoch();
            }
            try (BatchStream<LabeledBatch> batches = train.epoch(epoch, first)) {
                while (batches.hasNext()) {
                    train(manager, batches, epoch);
                }
            }
        }
        return probeMetrics;
    }

    private void train(NDManager manager, BatchStream<LabeledBatch> batches, int epoch)
            throws IOException, InterruptedException {
        double learningRate = rates.rate(epoch, step);
        long waited = batches.waitNanos();
        try (LabeledBatch batch = batches.next();
                NDManager scope = manager.newSubManager()) {
            Metrics metrics = classifier.train(
                    scope, features.of(scope, batch), labels(scope, batch), learningRate, config.optimizer());
            FiniteLoss.require("spec.linear.learningRate", metrics.loss(), learningRate, epoch, config.epochs(), step);
            step++;
            probeMetrics = probeMetrics.withStep(metrics, batch.size());
            progress.trained(metrics, batch.size(), batches.waitNanos() - waited);
        }
        if (step % train.stepsPerEpoch() == 0) {
            endEpoch(manager, epoch, learningRate);
        }
        saveIfNeeded();
    }

    private void endEpoch(NDManager manager, int epoch, double learningRate) throws InterruptedException {
        if (epoch == 0) {
            frozen.check();
        }
        Metrics metrics = validate(manager, progress.begin("evaluating"));
        probeMetrics = probeMetrics.withValidation(epoch, metrics);
        Metrics trained = probeMetrics.epoch().mean();
        progress.history(
                epoch,
                Map.of(
                        "loss", trained.loss(),
                        "top1", trained.top1(),
                        "top5", trained.top5(),
                        "learningRate", learningRate,
                        "validationTop1", metrics.top1(),
                        "validationTop5", metrics.top5()));
        progress.resume();
    }

    private Metrics validate(NDManager manager, EpochProgress.Phase phase) throws InterruptedException {
        MetricAverage sums = MetricAverage.NONE;
        try (BatchStream<LabeledBatch> batches = validation.inOrder()) {
            while (batches.hasNext()) {
                try (LabeledBatch batch = batches.next();
                        NDManager scope = manager.newSubManager()) {
                    Metrics metrics = classifier.evaluate(scope, features.of(scope, batch), labels(scope, batch));
                    sums = sums.plus(metrics, batch.size());
                    phase.done(batch.size());
                }
            }
        }
        return sums.mean();
    }

    /** Passes once more over the validation images, with the classifier as it is; all processes of the stage take part. */
    ValidationDetails details(NDManager manager, List<String> classNames) throws InterruptedException {
        EpochProgress.Phase phase = progress.begin("describing");
        ValidationDetails details = new ValidationDetails(classNames, validation.images());
        try (BatchStream<LabeledBatch> batches = validation.inOrder()) {
            while (batches.hasNext()) {
                try (LabeledBatch batch = batches.next();
                        NDManager scope = manager.newSubManager()) {
                    NDArray all = features.of(scope, batch);
                    add(details, batch, classifier.predict(scope, all), all);
                    phase.done(batch.size());
                }
            }
        }
        return details;
    }

    private static void add(ValidationDetails details, LabeledBatch batch, long[] predicted, NDArray features) {
        int[] kept = IntStream.range(0, batch.size())
                .filter(i -> details.keeps(batch.indices()[i]))
                .toArray();
        float[] values = kept.length == 0 ? new float[0] : features.toFloatArray();
        int channels = values.length / batch.size();
        for (int i = 0; i < batch.size(); i++) {
            details.add(batch.labels()[i], predicted[i]);
        }
        for (int i : kept) {
            details.add(
                    batch.indices()[i],
                    batch.labels()[i],
                    Arrays.copyOfRange(values, i * channels, (i + 1) * channels));
        }
    }

    private static NDArray labels(NDManager scope, LabeledBatch batch) {
        long[] labels = new long[batch.size()];
        for (int i = 0; i < labels.length; i++) {
            labels[i] = batch.labels()[i];
        }
        return scope.create(labels);
    }

    private void saveIfNeeded() throws IOException {
        boolean[] agreed = Agreements.any(collectives, context.stopRequested(), context.checkpointDue());
        boolean stop = agreed[0];
        if (stop || agreed[1]) {
            context.saveCheckpoint(step, folder -> ProbeCheckpoint.write(folder, classifier, probeMetrics));
            progress.resume();
        }
        if (stop) {
            throw StageFailure.interrupted("stopped at step " + step + ", with a checkpoint");
        }
    }
}
