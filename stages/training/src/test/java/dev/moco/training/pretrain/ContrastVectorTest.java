package dev.moco.training.pretrain;

import static dev.moco.training.VectorNumbers.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.training.Vectors;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Vectors 01 (InfoNCE), 02 (queue), 03 (momentum update) and 05 (SGD), on the programs that pre-training runs. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ContrastVectorTest {
    private final NDManager manager = TorchEngine.start(1);
    private final TorchProgram program = TorchProgram.compile(
            Device.cpu(),
            "/dev/moco/training/pretrain/moco.py",
            "/dev/moco/training/resnet/sgd.py",
            "/dev/moco/training/pretrain/contrast_gradient.py");
    private static final Offset<Double> LOSS = within(1e-9);

    @AfterAll
    void free() {
        program.close();
        manager.close();
    }

    @Test
    void infoNceHasTheReferencesLogitsLossGradientAndAccuracy() {
        JsonNode vector = Vectors.read("01_infonce.json");
        NDArray queue = matrix(vector.get("queue_dim_x_K"));
        assertClose(unitColumns(matrix(vector.get("queue_raw_dim_x_K"))), vector.get("queue_dim_x_K"));
        for (JsonNode expected : vector.get("cases")) {
            NDArray queries = call("l2_normalize", matrix(vector.get("q_raw")));
            NDArray keys = call("l2_normalize", matrix(vector.get("k_raw")));
            assertClose(queries, expected.get("q_unit"));
            assertClose(keys, expected.get("k_unit"));
            double temperature = expected.get("T").asDouble();
            NDArray logits = call("infonce_logits", queries, keys, queue, temperature);
            assertClose(logits, expected.get("logits"));
            assertThat(number(call("infonce_loss", logits)))
                    .isCloseTo(expected.get("loss_mean").asDouble(), LOSS);
            JsonNode perSample = expected.get("per_sample_loss");
            for (int i = 0; i < perSample.size(); i++) {
                assertThat(number(call("infonce_loss", logits.get(i + ":" + (i + 1)))))
                        .isCloseTo(perSample.get(i).asDouble(), LOSS);
            }
            assertThat(100 * number(call("accuracy", logits, 1)))
                    .isCloseTo(expected.get("acc1_percent").asDouble(), LOSS);
            assertThat(100 * number(call("accuracy", logits, 5)))
                    .isCloseTo(expected.get("acc5_percent").asDouble(), LOSS);
            NDArray gradient = program.callWithGradients(
                            manager, "query_gradient", matrix(vector.get("q_raw")), keys, queue, temperature)
                    .singletonOrThrow();
            assertClose(gradient, expected.get("grad_wrt_q_raw"));
        }
    }

    @Test
    void infoNceAgreesWithItsClosedForms() {
        JsonNode vector = Vectors.read("01_infonce.json");
        JsonNode closed = vector.get("closed_form");
        NDArray equal = manager.zeros(new Shape(2, 65537), DataType.FLOAT64);
        assertThat(number(call("infonce_loss", equal)))
                .isCloseTo(closed.get("ln_65537").asDouble(), LOSS);
        JsonNode hand = closed.get("hand_example");
        assertThat(hand.get("q")).hasSize(hand.get("dim").asInt());
        NDArray negatives = matrix(hand.get("queue_columns")).transpose();
        NDArray logits = call(
                "infonce_logits",
                row(hand.get("q")),
                row(hand.get("k_pos")),
                negatives,
                hand.get("T").asDouble());
        assertClose(logits, hand.get("logits"));
        assertThat(number(call("infonce_loss", logits)))
                .isCloseTo(hand.get("loss").asDouble(), LOSS);
        NDArray zero = manager.zeros(new Shape(1, 3), DataType.FLOAT64);
        assertClose(call("l2_normalize", zero), vector.get("normalize_zero_vector"));
        double shortest = vector.get("normalize_eps").asDouble();
        NDArray shorter = manager.create(new double[] {shortest / 4, 0}, new Shape(1, 2));
        assertThat(call("l2_normalize", shorter).toDoubleArray()).containsExactly(.25, 0);
    }

    @Test
    void theQueueOverwritesItsOldestKeysAndWraps() {
        JsonNode vector = Vectors.read("02_queue.json");
        int dimension = vector.get("dim").asInt();
        KeyQueue queue = new KeyQueue(matrix(vector.get("initial_queue")), 0);
        assertThat(queue.keys().getShape())
                .isEqualTo(new Shape(dimension, vector.get("K").asInt()));
        for (JsonNode step : vector.get("steps")) {
            assertThat(queue.pointer()).isEqualTo(step.get("ptr_before").asInt());
            NDArray keys = matrix(step.get("keys_B_x_dim"));
            assertThat(keys.getShape()).isEqualTo(new Shape(vector.get("B").asInt(), dimension));
            queue.enqueue(program, manager, keys);
            assertThat(queue.keys().toDoubleArray()).containsExactly(doubles(step.get("queue_after")));
            assertThat(queue.pointer()).isEqualTo(step.get("ptr_after").asInt());
        }
    }

    @Test
    void aQueueThatIsNoMultipleOfTheBatchIsABadConfiguration() {
        JsonNode vector = Vectors.read("02_queue.json");
        for (JsonNode wrong : vector.get("must_fail")) {
            assertThatThrownBy(() -> KeyQueue.check(
                            wrong.get("K").asInt(), wrong.get("B").asInt()))
                    .isInstanceOfSatisfying(
                            StageFailure.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                    .hasMessageContaining("found " + wrong.get("K"));
        }
        vector.get("must_pass_global_batches_for_K_65536").forEach(batch -> KeyQueue.check(65536, batch.asInt()));
    }

    @Test
    void theKeyEncoderIsAMovingAverageOfTheQueryEncoder() {
        JsonNode vector = Vectors.read("03_momentum.json");
        JsonNode steps = vector.get("steps");
        NDArray key = row(steps.get(0).get("theta_q_at_step"));
        for (JsonNode step : steps) {
            call(
                    "update_key_encoder",
                    key,
                    row(step.get("theta_q_at_step")),
                    vector.get("m").asDouble());
            assertClose(key, step.get("theta_k_after_update"));
        }
    }

    @Test
    void aKeyEncoderLeftAloneIsHalfForgottenAfterItsHalfLife() {
        JsonNode vector = Vectors.read("03_momentum.json");
        double halfLife = vector.get("half_life_steps").asDouble();
        NDArray key = manager.ones(new Shape(1, 1), DataType.FLOAT64);
        NDArray query = key.zerosLike();
        for (int step = 1; step < halfLife; step++) {
            call("update_key_encoder", key, query, vector.get("m").asDouble());
        }
        assertThat(number(key)).isGreaterThan(.5);
        call("update_key_encoder", key, query, vector.get("m").asDouble());
        assertThat(number(key)).isLessThan(.5);
    }

    @Test
    void sgdIsTorchsWhenTheRateDrops() {
        JsonNode vector = Vectors.read("05_sgd_pytorch.json");
        assertThat(vector.get("steps").get(0).get("lr")).isEqualTo(vector.get("lr"));
        NDArray parameters = row(vector.get("p0"));
        NDArray velocity = parameters.zerosLike();
        for (JsonNode step : vector.get("steps")) {
            call(
                    "sgd_step",
                    parameters,
                    velocity,
                    row(step.get("grad")),
                    parameters.size(),
                    step.get("lr").asDouble(),
                    vector.get("momentum").asDouble(),
                    vector.get("weight_decay").asDouble());
            assertClose(parameters, step.get("param_after"));
            assertClose(velocity, step.get("momentum_buffer_after"));
        }
    }

    private NDArray call(String method, Object... arguments) {
        return program.call(manager, method, arguments).singletonOrThrow();
    }

    private NDArray unitColumns(NDArray columns) {
        return call("l2_normalize", columns.transpose()).transpose();
    }

    private NDArray matrix(JsonNode rows) {
        return manager.create(doubles(rows), new Shape(rows.size(), rows.get(0).size()));
    }

    /** Numbers as a tensor of 1 x N, since some functions take rows; SGD and the momentum update take any shape. */
    private NDArray row(JsonNode numbers) {
        return manager.create(doubles(numbers), new Shape(1, numbers.size()));
    }

    private static double number(NDArray scalar) {
        return scalar.getDouble();
    }

    private static void assertClose(NDArray found, JsonNode expected) {
        assertThat(found.toDoubleArray()).containsExactly(doubles(expected), within(1e-9));
    }
}
