package dev.moco.training.pretrain.endtoend;

import static dev.moco.training.VectorNumbers.doubles;
import static dev.moco.training.VectorNumbers.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.pretrain.Shuffle;
import dev.moco.training.pretrain.ThreadCollectives;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Vector 50: InfoNCE within the batch, over one rank and over four that gather, and the shuffle of the keys. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InBatchVectorTest {
    private static final Offset<Double> NEAR = within(1e-9);

    private final JsonNode file = Vectors.read("50_end_to_end.json");
    private final int batch = file.get("B").intValue();
    private final int ranks = file.get("ranks").intValue();
    private final int share = batch / ranks;
    private final NDManager manager = TorchEngine.start(1);
    private final TorchProgram program = TorchProgram.compile(
            Device.cpu(),
            "/dev/moco/training/pretrain/endtoend/in_batch.py",
            "/dev/moco/training/pretrain/endtoend/unit_gradient.py");
    private final NDArray queries = matrix(file.get("q_raw"));
    private final NDArray keys = matrix(file.get("k_raw"));

    @AfterAll
    void free() {
        program.close();
        manager.close();
    }

    /** Metrics, logits, and gradients of queries and keys. */
    private NDList loss(NDArray q, NDArray k, int first, int count, double temperature, boolean symmetric) {
        return program.callWithGradients(q.getManager(), "in_batch", q, k, first, count, temperature, symmetric);
    }

    @Test
    void oneRankHasTheReferencesLossAndGradients() {
        assertThat(queries.getShape())
                .isEqualTo(new Shape(batch, file.get("dim").intValue()));
        for (JsonNode expected : file.get("cases")) {
            double temperature = expected.get("T").doubleValue();
            assertClose(call("l2_normalize", queries), expected.get("q_unit"));
            assertClose(call("l2_normalize", keys), expected.get("k_unit"));
            NDList found = loss(queries, keys, 0, batch, temperature, false);
            assertClose(found.get(1), expected.get("logits"));
            double[] metrics = found.get(0).toDoubleArray();
            assertThat(metrics[0]).isCloseTo(expected.get("loss").doubleValue(), NEAR);
            assertThat(100 * metrics[1]).isCloseTo(expected.get("acc1_percent").doubleValue(), NEAR);
            assertClose(found.get(2), expected.get("grad_q_raw"));
            assertClose(found.get(3), expected.get("grad_k_raw"));
            assertThat(call("positive_columns", found.get(1), 0, batch).toLongArray())
                    .containsExactly(Arrays.stream(ints(expected.get("labels")))
                            .asLongStream()
                            .toArray());
            for (int i = 0; i < batch; i++) {
                assertThat(loss(queries, keys, i, 1, temperature, false).get(0).toDoubleArray()[0])
                        .isCloseTo(expected.get("per_query_loss").get(i).doubleValue(), NEAR);
            }
        }
    }

    /** The gather carries gradients: forward all rows, backward the sum over ranks of the own rows. */
    @Test
    void ranksThatGatherHaveTheGradientOfOneRank() {
        for (JsonNode expected : file.get("cases")) {
            double temperature = expected.get("T").doubleValue();
            List<double[][]> byRank = ThreadCollectives.run(ranks, collectives -> gathered(collectives, temperature));
            for (int rank = 0; rank < ranks; rank++) {
                double[][] found = byRank.get(rank);
                assertThat(found[0][0])
                        .isCloseTo(expected.get("rank_losses").get(rank).doubleValue(), NEAR);
                assertThat(found[1]).containsExactly(ownRows(expected.get("grad_q_raw"), rank), NEAR);
                assertThat(found[2]).containsExactly(ownRows(expected.get("grad_k_raw"), rank), NEAR);
                NDArray unit = program.callWithGradients(
                                manager,
                                "unit_key_gradient",
                                call("l2_normalize", queries),
                                call("l2_normalize", keys),
                                rank * share,
                                share,
                                temperature)
                        .singletonOrThrow();
                assertClose(unit, expected.get("grad_k_unit_of_each_rank_loss").get(rank));
            }
        }
    }

    /** Loss of a process that has its own rows alone, and its rows of both gradients. */
    private double[][] gathered(Collectives collectives, double temperature) {
        try (NDManager scope = TorchEngine.start(1)) {
            int first = collectives.world().index() * share;
            NDArray q = collectives.allGather(scope, own(scope, "q_raw", first));
            NDArray k = collectives.allGather(scope, own(scope, "k_raw", first));
            NDList found = loss(q, k, first, share, temperature, false);
            return new double[][] {
                found.get(0).toDoubleArray(),
                collectives
                        .reduceScatter(scope, List.of(found.get(2)))
                        .div(ranks)
                        .toDoubleArray(),
                collectives
                        .reduceScatter(scope, List.of(found.get(3)))
                        .div(ranks)
                        .toDoubleArray()
            };
        }
    }

    private NDArray own(NDManager scope, String name, int first) {
        double[] all = doubles(file.get(name));
        int dimension = all.length / batch;
        return scope.create(
                Arrays.copyOfRange(all, first * dimension, (first + share) * dimension), new Shape(share, dimension));
    }

    private double[] ownRows(JsonNode rows, int rank) {
        return IntStream.range(rank * share, (rank + 1) * share)
                .mapToObj(rows::get)
                .flatMapToDouble(row -> Arrays.stream(doubles(row)))
                .toArray();
    }

    @Test
    void theShuffledEncoderSeesTheGradientsOfItsImages() {
        JsonNode shuffle = file.get("shuffle");
        int[] permutation = ints(shuffle.get("perm"));
        assertThat(Shuffle.inverse(permutation)).isEqualTo(ints(shuffle.get("inverse")));
        NDArray gradient = loss(queries, keys, 0, batch, 0.07, false).get(3);
        NDArray indices =
                manager.create(Arrays.stream(permutation).asLongStream().toArray());
        assertClose(gradient.get(indices), shuffle.get("gradient_rows_seen_by_the_shuffled_encoder_T0.07"));
    }

    @Test
    void mistakesGiveOtherNumbers() {
        for (JsonNode expected : file.get("cases")) {
            double temperature = expected.get("T").doubleValue();
            JsonNode contrast = expected.get("contrast");
            NDList symmetric = loss(queries, keys, 0, batch, temperature, true);
            JsonNode both = contrast.get("symmetric_mean_of_both_directions");
            assertThat(symmetric.get(0).toDoubleArray()[0])
                    .isCloseTo(both.get("loss").doubleValue(), NEAR);
            assertClose(symmetric.get(2), both.get("grad_q_raw"));
            assertClose(symmetric.get(3), both.get("grad_k_raw"));
            double ownLoss = 0;
            NDList ownQueries = new NDList();
            NDList ownKeys = new NDList();
            NDList localKeys = new NDList();
            for (int rank = 0; rank < ranks; rank++) {
                String rows = rank * share + ":" + (rank + 1) * share;
                NDList alone = loss(queries.get(rows), keys.get(rows), 0, share, temperature, false);
                ownLoss += alone.get(0).toDoubleArray()[0] / ranks;
                ownQueries.add(alone.get(2).div(ranks));
                ownKeys.add(alone.get(3).div(ranks));
                localKeys.add(loss(queries, keys, rank * share, share, temperature, false)
                        .get(3)
                        .get(rows)
                        .div(ranks));
            }
            JsonNode ownOnly = contrast.get("dictionary_of_own_rank_only");
            assertThat(ownLoss).isCloseTo(ownOnly.get("loss").doubleValue(), NEAR);
            assertClose(NDArrays.concat(ownQueries), ownOnly.get("grad_q_raw"));
            assertClose(NDArrays.concat(ownKeys), ownOnly.get("grad_k_raw"));
            assertClose(
                    NDArrays.concat(localKeys),
                    contrast.get("gather_without_remote_gradient").get("grad_k_raw"));
            assertClose(keys.zerosLike(), contrast.get("keys_detached").get("grad_k_raw"));
        }
    }

    @Test
    void closedFormsHold() {
        JsonNode closed = file.get("closed_form");
        for (int size : new int[] {8, 256}) {
            NDArray equal = manager.ones(new Shape(size, 2), DataType.FLOAT64);
            assertThat(loss(equal, equal, 0, size, 0.07, false).get(0).toDoubleArray()[0])
                    .isCloseTo(closed.get("ln_" + size).doubleValue(), NEAR);
        }
        JsonNode hand = closed.get("hand");
        NDList found = loss(
                matrix(hand.get("q")),
                matrix(hand.get("k")),
                0,
                2,
                hand.get("T").doubleValue(),
                false);
        assertThat(found.get(0).toDoubleArray()[0]).isCloseTo(hand.get("loss").doubleValue(), NEAR);
    }

    private NDArray call(String method, Object... arguments) {
        return program.call(manager, method, arguments).singletonOrThrow();
    }

    private NDArray matrix(JsonNode rows) {
        return manager.create(doubles(rows), new Shape(rows.size(), rows.get(0).size()));
    }

    private static void assertClose(NDArray found, JsonNode expected) {
        assertThat(found.toDoubleArray()).containsExactly(doubles(expected), NEAR);
    }
}
