package dev.moco.training.linear;

import static dev.moco.training.VectorNumbers.doubles;
import static dev.moco.training.VectorNumbers.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.training.Vectors;
import dev.moco.training.engine.EpochSchedule;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.progress.MetricAverage;
import dev.moco.training.progress.Metrics;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vectors 04 (learning rates by epoch), 07 (accuracy and its average) and 08 (three steps of the classifier). */
class LinearVectorTest {
    /** Rates start at the file's first, and fall as its name says: {@code lincls_30_60_80}, {@code pretrain_cos_200}. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "pretrain_step_0.03_120_160, STEP",
        "pretrain_cos_200, COSINE",
        "pretrain_cos_800, COSINE",
        "lincls_30_60_80, STEP"
    })
    void ratesFallByEpoch(String name, Schedule schedule) {
        JsonNode expected = Vectors.read("04_lr_schedule.json").get(name);
        assertThat(expected).isNotEmpty();
        List<Integer> epochs = Pattern.compile("_(\\d+)(?=_|$)")
                .matcher(name)
                .results()
                .map(number -> Integer.valueOf(number.group(1)))
                .toList();
        int last = epochs.get(epochs.size() - 1);
        List<Integer> milestones =
                schedule == Schedule.STEP ? epochs.subList(epochs.size() - 2, epochs.size()) : List.of();
        Optimizer optimizer = new Optimizer(expected.get("0").asDouble(), 0.9, 0, schedule, milestones);
        expected.properties()
                .forEach(epoch -> assertThat(
                                EpochSchedule.learningRate(optimizer, Integer.parseInt(epoch.getKey()), last))
                        .isCloseTo(epoch.getValue().asDouble(), within(1e-12)));
    }

    /** The demo counts epochs from 1, and takes that number for the epochs passed: its first rate is our second. */
    @Test
    void theDemosRateIsTheCosineOfEpochsFromOne() {
        JsonNode expected = Vectors.read("04_lr_schedule.json").get("cifar_demo_cos_200_epochs_1based");
        Optimizer optimizer = new Optimizer(2 * expected.get("100").asDouble(), 0.9, 0, Schedule.COSINE, List.of());
        expected.properties()
                .forEach(epoch -> assertThat(
                                EpochSchedule.learningRate(optimizer, Integer.parseInt(epoch.getKey()), 200))
                        .isCloseTo(epoch.getValue().asDouble(), within(1e-12)));
    }

    @Test
    void accuracyCountsTheRightAnswerAmongTheFirst() {
        JsonNode vector = Vectors.read("07_accuracy_meter.json");
        JsonNode logits = vector.get("logits");
        int classes = logits.get(0).size();
        try (NDManager manager = TorchEngine.start(1)) {
            // Features are the classes' scores themselves: the identity classifies them.
            NDArray identity = manager.eye(classes)
                    .toType(DataType.FLOAT64, true)
                    .flatten()
                    .concat(manager.zeros(new Shape(classes), DataType.FLOAT64));
            try (Classifier classifier = new Classifier(identity, identity.zerosLike())) {
                Metrics metrics =
                        classifier.evaluate(manager, matrix(manager, logits), labels(manager, vector.get("targets")));
                assertThat(metrics.top1()).isCloseTo(vector.get("acc1").asDouble(), within(1e-12));
                assertThat(metrics.top5()).isCloseTo(vector.get("acc5").asDouble(), within(1e-12));
            }
        }
    }

    @Test
    void averagesWeighBatchesByTheirImages() {
        JsonNode meter = Vectors.read("07_accuracy_meter.json").get("average_meter");
        MetricAverage sums = MetricAverage.NONE;
        for (JsonNode update : meter.get("updates_val_n")) {
            sums = sums.plus(
                    new Metrics(0, update.get(0).asDouble(), 0), update.get(1).asInt());
        }
        assertThat(sums.mean().top1()).isEqualTo(meter.get("avg").asDouble());
    }

    @Test
    void threeStepsAtRateThirtyAreTorchs() {
        JsonNode vector = Vectors.read("08_lincls.json");
        double[] initial = join(vector.get("W0"), vector.get("b0"));
        double rate = vector.get("lr").asDouble();
        Optimizer optimizer = new Optimizer(
                rate, vector.get("momentum").asDouble(), vector.get("wd").asDouble(), Schedule.STEP, List.of());
        try (NDManager manager = TorchEngine.start(1);
                Classifier classifier =
                        new Classifier(manager.create(initial), manager.create(new double[initial.length]))) {
            NDArray features = matrix(manager, vector.get("features"));
            NDArray labels = labels(manager, vector.get("targets"));
            for (JsonNode step : vector.get("steps")) {
                Metrics metrics = classifier.train(manager, features, labels, rate, optimizer);
                double loss = step.get("loss_before_step").asDouble();
                assertThat(metrics.loss()).isCloseTo(loss, within(1e-5 * loss));
                double[] expected = join(step.get("W_after"), step.get("b_after"));
                double[] found = classifier.flat().toDoubleArray();
                for (int i = 0; i < expected.length; i++) {
                    assertThat(found[i]).isCloseTo(expected[i], within(1e-5 * Math.abs(expected[i])));
                }
            }
        }
    }

    @Test
    void aThousandClassesStartNearTheUniformLoss() {
        double expected = Vectors.read("08_lincls.json")
                .get("initial_loss_expected_on_1000_classes")
                .asDouble();
        float[] flat = Classifier.initial(1000, 4, 3);
        assertThat(Arrays.copyOfRange(flat, 4000, 5000)).containsOnly(0);
        try (NDManager manager = TorchEngine.start(1);
                Classifier classifier = new Classifier(manager.create(flat), manager.create(flat))) {
            NDArray features = manager.ones(new Shape(8, 4));
            NDArray labels = manager.create(new long[] {0, 1, 2, 3, 4, 5, 6, 7});
            assertThat(classifier.evaluate(manager, features, labels).loss()).isCloseTo(expected, within(0.1));
        }
    }

    private static NDArray matrix(NDManager manager, JsonNode rows) {
        return manager.create(doubles(rows), new Shape(rows.size(), rows.get(0).size()));
    }

    private static NDArray labels(NDManager manager, JsonNode targets) {
        return manager.create(Arrays.stream(ints(targets)).asLongStream().toArray());
    }

    private static double[] join(JsonNode weight, JsonNode bias) {
        return DoubleStream.concat(Arrays.stream(doubles(weight)), Arrays.stream(doubles(bias)))
                .toArray();
    }
}
