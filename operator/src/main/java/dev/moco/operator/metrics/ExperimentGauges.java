package dev.moco.operator.metrics;

import dev.moco.operator.api.MoCoExperiment;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.api.MoCoExperimentStatus.StageProgress;
import dev.moco.operator.api.MoCoExperimentStatus.StageStatus;
import dev.moco.operator.report.ExperimentState;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Gauges of experiments and their stages, computed from the informers at each scrape. */
public final class ExperimentGauges implements MultiCollector {
    private final Supplier<Stream<MoCoExperiment>> experiments;
    private final Supplier<Stream<PendingStage>> waiting;
    private final Clock clock;

    /**
     * Creates the gauges.
     *
     * @param waiting stages that wait for a pod to run, each as often as it has Jobs
     */
    public ExperimentGauges(
            Supplier<Stream<MoCoExperiment>> experiments, Supplier<Stream<PendingStage>> waiting, Clock clock) {
        this.experiments = experiments;
        this.waiting = waiting;
        this.clock = clock;
    }

    @Override
    public MetricSnapshots collect() {
        Series count = new Series("moco_experiments", "Experiments by state.");
        Series stages = new Series("moco_stages", "Tasks of unfinished experiments by state.");
        Series pending =
                new Series("moco_stage_pending_seconds", "How long a stage has waited for a pod to run.", Double::max);
        Instant now = clock.instant();
        RunningStages running = new RunningStages(now);
        experiments.get().forEach(experiment -> {
            String namespace = experiment.getMetadata().getNamespace();
            ExperimentState state = state(experiment.getStatus());
            count.add(1, "namespace", namespace, "state", state.text());
            MoCoExperimentStatus status = experiment.getStatus();
            if (status != null && !state.ended()) {
                for (StageStatus stage : status.stages()) {
                    stages.add(1, "namespace", namespace, "stage", stage.stage(), "state", stage.state());
                    running.add(experiment, stage);
                }
            }
        });
        waiting.get().forEach(stage -> pending.add(seconds(stage.since(), now), stage.labels()));
        MetricSnapshots.Builder all = MetricSnapshots.builder()
                .metricSnapshot(count.snapshot())
                .metricSnapshot(stages.snapshot())
                .metricSnapshot(pending.snapshot());
        running.series().map(Series::snapshot).forEach(all::metricSnapshot);
        return all.build();
    }

    /** State of an experiment, for the label {@code state}. */
    static ExperimentState state(@Nullable MoCoExperimentStatus status) {
        return ExperimentState.of(status == null ? List.of() : status.conditions());
    }

    private static double seconds(Instant since, Instant now) {
        return Duration.between(since, now).toMillis() / 1000.0;
    }

    /** Gauges of running stages. */
    private static final class RunningStages {
        private final Instant now;
        private final Series ratio = new Series("moco_stage_progress_ratio", "Steps done of all, 0 to 1.");
        private final Series rate = new Series("moco_stage_images_per_second", "Images a second.");
        private final Series wait = new Series("moco_stage_data_wait_ratio", "Share of time waiting for data, 0 to 1.");
        private final Series loss = new Series("moco_stage_loss", "Loss over the last seconds.");
        private final Series eta = new Series("moco_stage_eta_seconds", "Time to the stage's end.");
        private final Series age =
                new Series("moco_stage_progress_age_seconds", "Time since the stage last reported its progress.");

        private RunningStages(Instant now) {
            this.now = now;
        }

        private void add(MoCoExperiment experiment, StageStatus stage) {
            StageProgress progress = stage.progress();
            if (progress == null) {
                return;
            }
            String[] labels = {
                "namespace",
                experiment.getMetadata().getNamespace(),
                "experiment",
                experiment.getMetadata().getName(),
                "stage",
                stage.stage(),
                "task",
                stage.name()
            };
            ratio.add(progress.steps() == 0 ? 0 : (double) progress.step() / progress.steps(), labels);
            if (progress.imagesPerSecond() != null) {
                rate.add(progress.imagesPerSecond(), labels);
            }
            if (progress.dataWaitPercent() != null) {
                wait.add(progress.dataWaitPercent() / 100.0, labels);
            }
            if (progress.loss() != null) {
                loss.add(Double.parseDouble(progress.loss()), labels);
            }
            if (progress.etaSeconds() != null) {
                eta.add(progress.etaSeconds(), labels);
            }
            if (progress.updated() != null) {
                age.add(seconds(Instant.parse(progress.updated()), now), labels);
            }
        }

        private Stream<Series> series() {
            return Stream.of(ratio, rate, wait, loss, eta, age);
        }
    }

    /** A gauge; values with the same labels are added up, or as given. */
    private static final class Series {
        private final String name;
        private final String help;
        private final BinaryOperator<Double> merge;
        private final Map<Labels, Double> points = new LinkedHashMap<>();

        private Series(String name, String help) {
            this(name, help, Double::sum);
        }

        private Series(String name, String help, BinaryOperator<Double> merge) {
            this.name = name;
            this.help = help;
            this.merge = merge;
        }

        private void add(double value, String... labels) {
            points.merge(Labels.of(labels), value, merge);
        }

        private GaugeSnapshot snapshot() {
            GaugeSnapshot.Builder gauge = GaugeSnapshot.builder().name(name).help(help);
            points.forEach((labels, value) -> gauge.dataPoint(
                    GaugeDataPointSnapshot.builder().labels(labels).value(value).build()));
            return gauge.build();
        }
    }
}
