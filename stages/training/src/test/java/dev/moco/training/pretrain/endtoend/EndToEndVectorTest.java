package dev.moco.training.pretrain.endtoend;

import static dev.moco.training.VectorNumbers.doubles;
import static dev.moco.training.VectorNumbers.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Precision;
import dev.moco.training.Vectors;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.World;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.SmallEncoder;
import dev.moco.training.pretrain.StepAgreement;
import dev.moco.training.pretrain.ThreadCollectives;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.endtoend.EndToEnd.EndToEndSettings;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vector 57: three end-to-end steps over four ranks, with separate and with shared weights. */
class EndToEndVectorTest {
    private static final EncoderLayout LAYOUT = SmallEncoder.mlp();

    private final JsonNode file = Vectors.read("57_end_to_end_steps.json");
    private final int batch = file.get("B").intValue();
    private final int ranks = file.get("ranks").intValue();

    /** A difference of a run from the reference. */
    private enum Mistake {
        NONE,
        NO_SHUFFLE,
        ONE_GROUP,
        SYMMETRIC,
        KEYS_DETACHED
    }

    @ParameterizedTest(name = "{0} processes of {1} threads")
    @CsvSource({"1, 1", "1, 4", "2, 1", "4, 1"})
    void threeStepsEqualFourRealProcesses(int processes, int threads) {
        for (JsonNode expected : file.get("cases")) {
            ThreadCollectives.run(processes, collectives -> {
                steps(expected, collectives, threads, Mistake.NONE, DataType.FLOAT64, true);
                return 0;
            });
        }
    }

    @Test
    void lossesInFloat32AreTheReferences() {
        for (JsonNode expected : file.get("cases")) {
            double[] losses = steps(expected, Collectives.ALONE, 1, Mistake.NONE, DataType.FLOAT32, false);
            for (int step = 0; step < losses.length; step++) {
                double loss = expected.get("steps").get(step).get("loss").doubleValue();
                assertThat(losses[step]).isCloseTo(loss, within(1e-4));
            }
        }
    }

    @Test
    void mistakesGiveOtherLosses() {
        for (JsonNode expected : file.get("cases")) {
            JsonNode contrast = expected.get("contrast_losses");
            assertLosses(expected, Mistake.NO_SHUFFLE, contrast.get("no_shuffle"));
            assertLosses(expected, Mistake.ONE_GROUP, contrast.get("batch_norm_over_the_whole_batch"));
            assertLosses(expected, Mistake.SYMMETRIC, contrast.get("symmetric"));
            assertLosses(expected, Mistake.KEYS_DETACHED, contrast.get("keys_detached"));
        }
    }

    private void assertLosses(JsonNode expected, Mistake mistake, JsonNode losses) {
        Collectives collectives = mistake == Mistake.KEYS_DETACHED ? new KeysDetached() : Collectives.ALONE;
        assertThat(steps(expected, collectives, 1, mistake, DataType.FLOAT64, false))
                .containsExactly(doubles(losses), within(1e-8));
    }

    private double[] steps(
            JsonNode expected, Collectives collectives, int threads, Mistake mistake, DataType type, boolean check) {
        JsonNode steps = expected.get("steps");
        int parts = mistake == Mistake.ONE_GROUP ? 1 : ranks;
        EndToEndSettings settings = new EndToEndSettings(
                parts,
                batch / parts,
                expected.get("T").doubleValue(),
                mistake == Mistake.SYMMETRIC,
                0.9,
                1e-4,
                Precision.FLOAT32);
        List<Double> losses = new ArrayList<>();
        try (NDManager manager = TorchEngine.start(1);
                RankThreads rankThreads = new RankThreads(threads)) {
            TrainedEncoder query = SmallEncoder.state(manager, LAYOUT, file, type);
            boolean shared = expected.get("shared_weights").booleanValue();
            TrainedEncoder key = shared ? query : SmallEncoder.state(manager, LAYOUT, file, type);
            Optional<TrainedEncoder> separateKey = shared ? Optional.empty() : Optional.of(key);
            try (EndToEnd endToEnd = new EndToEnd(
                    TorchProgram.compile(Device.cpu(), SmallEncoder.REPLACEMENT, EndToEnd.PROGRAM),
                    LAYOUT,
                    settings,
                    query,
                    separateKey,
                    rankThreads,
                    collectives)) {
                for (int step = 0; step < steps.size(); step++) {
                    JsonNode wanted = steps.get(step);
                    long seed = 5700 + file.get("seed_offset").asLong() + 2L * step;
                    NDArray[] views = SmallEncoder.views(manager, seed, batch);
                    int[] shuffle = mistake == Mistake.NO_SHUFFLE
                            ? IntStream.range(0, batch).toArray()
                            : ints(wanted.get("perm"));
                    assertThat(shuffle).hasSize(batch);
                    NDArray queryBefore = query.parameters().duplicate();
                    NDArray keyBefore = key.parameters().duplicate();
                    EndToEnd.EndToEndTrace trace = endToEnd.step(
                            manager,
                            SmallEncoder.part(views[0].toType(type, false), collectives),
                            SmallEncoder.part(views[1].toType(type, false), collectives),
                            shuffle,
                            wanted.get("lr").doubleValue());
                    Metrics metrics = StepAgreement.of(collectives, trace.ofOwnRanks(), false, false)
                            .metrics();
                    losses.add(metrics.loss());
                    if (check) {
                        assertNear(wanted.get("loss"), metrics.loss());
                        assertNear(wanted.get("acc1_percent"), metrics.top1());
                        assertStep(trace, wanted, collectives, query, separateKey);
                        assertGradient(endToEnd.queryGradient(), queryBefore, wanted.get("grad_q_conv1_first3"));
                        if (!shared) {
                            assertGradient(endToEnd.keyGradient(), keyBefore, wanted.get("grad_k_conv1_first3"));
                        }
                    }
                    if (mistake == Mistake.KEYS_DETACHED && !shared) {
                        keyBefore.copyTo(key.parameters()); // torch's SGD leaves parameters without a gradient alone
                    }
                }
            }
        }
        return losses.stream().mapToDouble(loss -> loss).toArray();
    }

    private static void assertStep(
            EndToEnd.EndToEndTrace trace,
            JsonNode wanted,
            Collectives collectives,
            TrainedEncoder query,
            Optional<TrainedEncoder> separateKey) {
        double[] rankLosses = doubles(wanted.get("rank_losses"));
        int perProcess = rankLosses.length / collectives.world().size();
        for (int rank = 0; rank < perProcess; rank++) {
            assertThat(trace.ofOwnRanks()[3 * rank])
                    .isCloseTo(rankLosses[collectives.world().index() * perProcess + rank], within(1e-9));
        }
        assertNear(wanted.get("q_first"), first(trace.queries()));
        assertNear(wanted.get("k_first"), first(trace.keys()));
        if (collectives.world().index() == 0) {
            assertNear(wanted.get("logits_row0"), trace.logits().get(0).toDoubleArray());
            assertRunning(query, "bn1.running_mean", wanted.get("q_bn1_running_mean_rank0"));
            assertRunning(query, "bn2.running_var", wanted.get("q_bn2_running_var_rank0_first3"));
            if (separateKey.isPresent()) {
                assertRunning(separateKey.get(), "bn1.running_mean", wanted.get("k_bn1_running_mean_rank0"));
            }
        }
        assertNear(wanted.get("grad_norm_q"), trace.queryNorm());
        assertParameters(query, "conv1.weight", wanted.get("q_conv1_first3_after"));
        assertParameters(query, "fc.2.bias", wanted.get("q_fc2_bias_after"));
        if (separateKey.isPresent()) {
            assertNear(wanted.get("grad_norm_k"), trace.keyNorm());
            assertParameters(separateKey.get(), "conv1.weight", wanted.get("k_conv1_first3_after"));
            assertParameters(separateKey.get(), "fc.2.bias", wanted.get("k_fc2_bias_after"));
        }
    }

    /** The step has added the weight decay to its buffer. */
    private static void assertGradient(NDArray withDecay, NDArray parametersBefore, JsonNode expected) {
        NDArray gradient = withDecay.sub(parametersBefore.mul(1e-4));
        assertNear(expected, SmallEncoder.of(gradient, LAYOUT.parameters(), "conv1.weight", expected.size()));
    }

    /** A single process whose loss gives the keys no gradient: those are scattered second in each step. */
    private static final class KeysDetached implements Collectives {
        private int calls;

        @Override
        public World world() {
            return World.ALONE;
        }

        @Override
        public NDArray allGather(NDManager scope, NDArray own) {
            return own;
        }

        @Override
        public void sumInOrder(List<NDArray> ofOwnRanks, NDArray sum) {
            Collectives.ALONE.sumInOrder(ofOwnRanks, sum);
        }

        @Override
        public NDArray reduceScatter(NDManager scope, List<NDArray> ofOwnRanks) {
            calls++;
            NDArray sum = Collectives.ALONE.reduceScatter(scope, ofOwnRanks);
            return calls % 2 == 0 ? sum.zerosLike() : sum;
        }

        @Override
        public void broadcast(NDArray array, int root) {}

        @Override
        public double[][] agree(double... mine) {
            return Collectives.ALONE.agree(mine);
        }

        @Override
        public void close() {}
    }

    private static double[] first(NDArray outputs) {
        double[] raw = outputs.get(0).toDoubleArray();
        double length = Math.sqrt(Arrays.stream(raw).map(x -> x * x).sum());
        return Arrays.stream(raw).map(x -> x / length).toArray();
    }

    private static void assertParameters(TrainedEncoder state, String name, JsonNode expected) {
        assertNear(expected, SmallEncoder.of(state.parameters(), LAYOUT.parameters(), name, expected.size()));
    }

    private static void assertRunning(TrainedEncoder state, String name, JsonNode expected) {
        assertNear(expected, SmallEncoder.of(state.statistics(), LAYOUT.statistics(), name, expected.size()));
    }

    private static void assertNear(JsonNode expected, double... found) {
        assertThat(found).containsExactly(doubles(expected), within(1e-8));
    }
}
