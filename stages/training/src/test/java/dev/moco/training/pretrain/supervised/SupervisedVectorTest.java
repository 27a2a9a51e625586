package dev.moco.training.pretrain.supervised;

import static dev.moco.training.VectorNumbers.doubles;
import static dev.moco.training.VectorNumbers.ints;
import static dev.moco.training.VectorNumbers.symmetric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Precision;
import dev.moco.training.Vectors;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.SmallEncoder;
import dev.moco.training.pretrain.StepAgreement;
import dev.moco.training.pretrain.ThreadCollectives;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.supervised.Supervised.SupervisedSettings;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderArguments;
import dev.moco.training.resnet.EncoderLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vector 59: four supervised steps over four ranks, and an evaluation. */
class SupervisedVectorTest {
    private static final double WEIGHT_DECAY = 1e-4;

    private final JsonNode file = Vectors.read("59_supervised_steps.json");
    private final int batch = file.get("B").intValue();
    private final int ranks = file.get("ranks").intValue();
    private final EncoderLayout layout =
            SmallEncoder.classifier(file.get("classes").intValue());

    @ParameterizedTest(name = "{0} processes of {1} threads")
    @CsvSource({"1, 1", "1, 4", "2, 1", "4, 1"})
    void fourStepsEqualFourRealProcesses(int processes, int threads) {
        ThreadCollectives.run(processes, collectives -> {
            steps(collectives, threads, ranks, true);
            return 0;
        });
    }

    @Test
    void oneGroupIsAnotherRecipe() {
        assertThat(steps(Collectives.ALONE, 1, 1, false))
                .containsExactly(
                        doubles(file.get("contrast_losses").get("batch_norm_over_the_whole_batch")), within(1e-8));
    }

    private double[] steps(Collectives collectives, int threads, int parts, boolean check) {
        JsonNode steps = file.get("steps");
        double[] losses = new double[steps.size()];
        try (NDManager manager = TorchEngine.start(1);
                RankThreads rankThreads = new RankThreads(threads)) {
            TrainedEncoder state = SmallEncoder.state(manager, layout, file, DataType.FLOAT64);
            SupervisedSettings settings =
                    new SupervisedSettings(parts, batch / parts, 0.9, WEIGHT_DECAY, Precision.FLOAT32);
            try (Supervised supervised = new Supervised(program(), layout, settings, state, rankThreads, collectives)) {
                for (int step = 0; step < steps.size(); step++) {
                    JsonNode wanted = steps.get(step);
                    NDArray before = state.parameters().duplicate();
                    Supervised.SupervisedTrace trace = supervised.step(
                            manager,
                            SmallEncoder.part(images(manager, 5900 + step), collectives),
                            SmallEncoder.part(manager.create(longs(wanted.get("labels"))), collectives),
                            wanted.get("lr").doubleValue());
                    Metrics metrics = StepAgreement.of(collectives, trace.ofOwnRanks(), false, false)
                            .metrics();
                    losses[step] = metrics.loss();
                    if (check) {
                        assertNear(wanted.get("loss"), metrics.loss());
                        assertNear(wanted.get("acc1_percent"), metrics.top1());
                        assertStep(trace, wanted, collectives, state);
                        NDArray gradient = supervised.gradient().sub(before.mul(WEIGHT_DECAY));
                        assertNear(
                                wanted.get("grad_fc_bias"),
                                SmallEncoder.of(gradient, layout.parameters(), "fc.bias", 5));
                    }
                }
            }
            if (check && collectives.world().index() == 0) {
                assertEvaluation(manager, state);
            }
        }
        return losses;
    }

    private void assertStep(
            Supervised.SupervisedTrace trace, JsonNode wanted, Collectives collectives, TrainedEncoder state) {
        double[] rankLosses = doubles(wanted.get("rank_losses"));
        int perProcess = rankLosses.length / collectives.world().size();
        for (int rank = 0; rank < perProcess; rank++) {
            assertThat(trace.ofOwnRanks()[3 * rank])
                    .isCloseTo(rankLosses[collectives.world().index() * perProcess + rank], within(1e-9));
        }
        if (collectives.world().index() == 0) {
            assertNear(wanted.get("logits_first"), trace.scores().get(0).toDoubleArray());
            assertRunning(state, "bn1.running_mean", wanted.get("bn1_running_mean_rank0"));
            assertRunning(state, "bn2.running_var", wanted.get("bn2_running_var_rank0_first3"));
        }
        if (collectives.world().size() == 1) {
            assertNear(wanted.get("acc3_percent"), accuracy(trace.scores(), longs(wanted.get("labels")), 3));
        }
        assertNear(wanted.get("grad_norm"), trace.gradientNorm());
        assertParameters(state, "conv1.weight", wanted.get("conv1_first3_after"));
        assertParameters(state, "fc.bias", wanted.get("fc_bias_after"));
        assertParameters(state, "bn1.weight", wanted.get("bn1_weight_first3_after"));
    }

    /** The running statistics are those of the first rank. */
    private void assertEvaluation(NDManager manager, TrainedEncoder state) {
        JsonNode wanted = file.get("evaluation_after_last_step");
        try (TorchProgram program = TorchProgram.compile(
                Device.cpu(),
                SmallEncoder.REPLACEMENT,
                List.of(
                        "/dev/moco/training/resnet/head.py",
                        "/dev/moco/training/pretrain/supervised/cross_entropy.py"))) {
            NDArray scores = program.call(
                            manager,
                            "project",
                            new EncoderArguments(layout, Precision.FLOAT32).of(state.parameters(), state.statistics()),
                            images(manager, 5950),
                            -1.0)
                    .singletonOrThrow();
            assertNear(wanted.get("logits"), scores.toDoubleArray());
            NDArray labels = manager.create(longs(wanted.get("labels")));
            double[] metrics = program.callWithGradients(manager, "cross_entropy", scores, labels)
                    .get(0)
                    .toDoubleArray();
            assertNear(wanted.get("loss"), metrics[0]);
            assertNear(wanted.get("acc1_percent"), 100 * metrics[1]);
        }
    }

    @Test
    void equalScoresHaveTheLogarithmOfTheClasses() {
        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program =
                        TorchProgram.compile(Device.cpu(), "/dev/moco/training/pretrain/supervised/cross_entropy.py")) {
            NDArray equal = manager.zeros(new Shape(1, 1000), DataType.FLOAT64);
            double loss = program.callWithGradients(manager, "cross_entropy", equal, manager.create(new long[] {7}))
                    .get(0)
                    .toDoubleArray()[0];
            assertNear(file.get("closed_form").get("all_equal_1000"), loss);
        }
    }

    /** Smoothing is no part of the recipe: its first loss, from the same scores, is another. */
    @Test
    void labelsAreNotSmoothed() {
        double[] smoothed = doubles(file.get("contrast_losses").get("label_smoothing_0.1"));
        try (NDManager manager = TorchEngine.start(1);
                RankThreads threads = new RankThreads(1)) {
            TrainedEncoder state = SmallEncoder.state(manager, layout, file, DataType.FLOAT64);
            SupervisedSettings settings =
                    new SupervisedSettings(ranks, batch / ranks, 0.9, WEIGHT_DECAY, Precision.FLOAT32);
            try (Supervised supervised =
                    new Supervised(program(), layout, settings, state, threads, Collectives.ALONE)) {
                JsonNode first = file.get("steps").get(0);
                NDArray scores = supervised
                        .step(manager, images(manager, 5900), manager.create(longs(first.get("labels"))), 0)
                        .scores();
                double mean = 0;
                for (int i = 0; i < batch; i++) {
                    double[] row = scores.get(i).toDoubleArray();
                    double logSum = Math.log(Arrays.stream(row).map(Math::exp).sum());
                    double ofLabel = logSum - row[first.get("labels").get(i).intValue()];
                    double ofAll = logSum - Arrays.stream(row).average().orElseThrow();
                    mean += (0.9 * ofLabel + 0.1 * ofAll) / batch;
                }
                assertThat(mean).isCloseTo(smoothed[0], within(1e-8)).isNotCloseTo(loss(first), within(1e-3));
            }
        }
    }

    private static TorchProgram program() {
        return TorchProgram.compile(Device.cpu(), SmallEncoder.REPLACEMENT, Supervised.PROGRAM);
    }

    private static double loss(JsonNode step) {
        return step.get("loss").doubleValue();
    }

    private NDArray images(NDManager manager, long seed) {
        double[] numbers = symmetric(seed + file.get("seed_offset").asLong(), batch * 3 * 12 * 12);
        return manager.create(numbers, new Shape(batch, 3, 12, 12));
    }

    private static double accuracy(NDArray scores, long[] labels, int k) {
        long right = IntStream.range(0, labels.length)
                .filter(i -> {
                    double[] row = scores.get(i).toDoubleArray();
                    return Arrays.stream(row)
                                    .filter(score -> score > row[(int) labels[i]])
                                    .count()
                            < k;
                })
                .count();
        return 100.0 * right / labels.length;
    }

    private static long[] longs(JsonNode numbers) {
        return Arrays.stream(ints(numbers)).asLongStream().toArray();
    }

    private void assertParameters(TrainedEncoder state, String name, JsonNode expected) {
        assertNear(expected, SmallEncoder.of(state.parameters(), layout.parameters(), name, expected.size()));
    }

    private void assertRunning(TrainedEncoder state, String name, JsonNode expected) {
        assertNear(expected, SmallEncoder.of(state.statistics(), layout.statistics(), name, expected.size()));
    }

    private static void assertNear(JsonNode expected, double... found) {
        assertThat(found).containsExactly(doubles(expected), within(1e-8));
    }
}
