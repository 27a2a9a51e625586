package dev.moco.training.resnet.sweep;

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
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Vector 55: batch norm with the statistics of the whole batch, over ranks of equal and of unequal size. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class GlobalNormVectorTest {
    private final JsonNode file = Vectors.read("55_sync_bn.json");
    private final NDManager manager = TorchEngine.start(1);
    private final TorchProgram program = TorchProgram.compile(Device.cpu(), GlobalNormEncoder.PROGRAM);

    @AfterAll
    void free() {
        program.close();
        manager.close();
    }

    @Test
    void momentsOfRanksAreMergedByCount() {
        for (JsonNode expected : file.get("cases")) {
            List<NDArray> parts = parts(expected, "x");
            NDList moments = new NDList();
            for (int rank = 0; rank < parts.size(); rank++) {
                NDArray own = call("channel_moments", parts.get(rank));
                moments.add(own);
                JsonNode wanted = expected.get("ranks").get(rank);
                NDArray count = own.get(0);
                NDArray mean = own.get(1);
                NDArray var = own.get(2);
                assertThat(count.toDoubleArray())
                        .containsOnly(wanted.get("count").doubleValue());
                assertNear(wanted.get("mean"), mean);
                assertNear(wanted.get("var_biased"), var);
                assertNear(wanted.get("sum"), mean.mul(count));
                assertNear(wanted.get("sum_of_squares"), var.add(mean.square()).mul(count));
            }
            NDArray merged = call("merge_moments", call("stacked", moments));
            assertThat(merged.get(0).toDoubleArray())
                    .containsOnly(expected.get("count").doubleValue());
            assertNear(expected.get("mean"), merged.get(1));
            assertNear(expected.get("var_biased"), merged.get(2));
            assertNear(
                    expected.get("inv_std"),
                    merged.get(2).add(file.get("eps").doubleValue()).pow(-0.5));
            assertEqualWeights(expected.get("contrast").get("equal_weight_per_rank"), moments);
        }
    }

    /** SimCLR's code gives each rank the same weight, which is another mean where ranks are unequal. */
    private static void assertEqualWeights(JsonNode expected, NDList moments) {
        NDArray all = NDArrays.stack(moments);
        NDArray mean = all.get(":, 1").mean(new int[] {0});
        NDArray square = all.get(":, 2").add(all.get(":, 1").square()).mean(new int[] {0});
        assertNear(expected.get("mean"), mean);
        assertNear(expected.get("var_biased"), square.sub(mean.square()));
    }

    @Test
    void outputsAndGradientsAreThoseOfTheWholeBatch() {
        for (JsonNode expected : file.get("cases")) {
            List<NDArray> x = parts(expected, "x");
            List<NDArray> dy = parts(expected, "dy");
            NDArray gamma = vector(expected.get("gamma"));
            NDArray beta = vector(expected.get("beta"));
            NDArray moments = merged(x);
            NDArray sums = manager.zeros(new Shape(2, gamma.size()), DataType.FLOAT64);
            NDList outputs = new NDList();
            for (int rank = 0; rank < x.size(); rank++) {
                outputs.add(call("global_norm", x.get(rank), moments, gamma, beta, false));
                NDArray own = call("norm_sums", dy.get(rank), x.get(rank), moments);
                JsonNode wanted = expected.get("rank_sums_backward").get(rank);
                assertNear(wanted.get("sum_dy"), own.get(0));
                assertNear(wanted.get("sum_dy_xhat"), own.get(1));
                sums.addi(own);
            }
            assertNear(expected.get("y"), NDArrays.concat(outputs));
            assertNear(expected.get("sum_dy"), sums.get(0));
            assertNear(expected.get("dbeta_global"), sums.get(0));
            assertNear(expected.get("sum_dy_xhat"), sums.get(1));
            assertNear(expected.get("dgamma_global"), sums.get(1));
            assertNear(expected.get("dx"), inputGradients(dy, x, moments, gamma, sums));
            JsonNode contrast = expected.get("contrast");
            assertNear(
                    contrast.get("dx_statistics_as_constants"),
                    inputGradients(dy, x, moments, gamma, sums.zerosLike()));
            NDList own = new NDList();
            for (NDArray part : x) {
                own.add(call("global_norm", part, call("channel_moments", part), gamma, beta, false));
            }
            assertNear(contrast.get("y_own_rank_statistics"), NDArrays.concat(own));
        }
    }

    private NDArray inputGradients(List<NDArray> dy, List<NDArray> x, NDArray moments, NDArray gamma, NDArray sums) {
        NDList gradients = new NDList();
        for (int rank = 0; rank < x.size(); rank++) {
            gradients.add(call("norm_input_gradient", dy.get(rank), x.get(rank), moments, gamma, sums));
        }
        return NDArrays.concat(gradients);
    }

    @Test
    void runningVariancesAreTorchsOrTensorFlows() {
        double momentum = file.get("momentum_torch").doubleValue();
        assertThat(1 - file.get("decay_tensorflow").doubleValue()).isCloseTo(momentum, within(1e-12));
        for (JsonNode expected : file.get("cases")) {
            NDArray moments = merged(parts(expected, "x"));
            JsonNode variances = expected.get("running_var_after_from_1");
            for (boolean biased : new boolean[] {true, false}) {
                NDArray mean = moments.get(1).zerosLike();
                NDArray var = moments.get(1).onesLike();
                call("update_running", mean, var, moments, momentum, biased);
                assertNear(expected.get("running_mean_after_from_0"), mean);
                String convention = biased ? "tensorflow_and_detectron2_biased" : "torch_unbiased";
                assertNear(variances.get(convention), var);
            }
        }
    }

    private NDArray merged(List<NDArray> parts) {
        NDList moments = new NDList();
        parts.forEach(part -> moments.add(call("channel_moments", part)));
        return call("merge_moments", call("stacked", moments));
    }

    /** The rows of each rank. */
    private List<NDArray> parts(JsonNode expected, String name) {
        Shape shape = new Shape(
                Arrays.stream(ints(expected.get("shape"))).asLongStream().toArray());
        NDArray whole = manager.create(doubles(expected.get(name)), shape);
        List<NDArray> parts = new ArrayList<>();
        int first = 0;
        for (int size : ints(expected.get("rank_sizes"))) {
            parts.add(whole.get(first + ":" + (first + size)));
            first += size;
        }
        assertThat((long) first).isEqualTo(shape.get(0));
        return parts;
    }

    private NDArray vector(JsonNode numbers) {
        return manager.create(doubles(numbers));
    }

    private NDArray call(String function, Object... arguments) {
        return program.call(manager, function, arguments).singletonOrThrow();
    }

    private static void assertNear(JsonNode expected, NDArray found) {
        assertThat(found.toDoubleArray()).containsExactly(doubles(expected), within(1e-9));
    }
}
