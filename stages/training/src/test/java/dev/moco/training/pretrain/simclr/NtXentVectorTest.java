package dev.moco.training.pretrain.simclr;

import static dev.moco.training.VectorNumbers.doubles;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
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
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Vector 51: NT-Xent, over one rank and over four that gather. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NtXentVectorTest {
    private static final Offset<Double> NEAR = within(1e-9);

    private final JsonNode file = Vectors.read("51_nt_xent.json");
    private final int images = file.get("N").intValue();
    private final int ranks = file.get("ranks").intValue();
    private final int share = images / ranks;
    private final NDManager manager = TorchEngine.start(1);
    private final TorchProgram program =
            TorchProgram.compile(Device.cpu(), "/dev/moco/training/pretrain/simclr/nt_xent.py");

    @AfterAll
    void free() {
        program.close();
        manager.close();
    }

    /** Loss, gradients of a and b of all ranks. */
    private record Result(double loss, NDArray a, NDArray b) {}

    private Result loss(NDArray a, NDArray b, int first, int count, double temperature) {
        NDList found = program.callWithGradients(manager, "nt_xent", a, b, first, count, temperature);
        return new Result(found.get(0).toDoubleArray()[0], found.get(2), found.get(3));
    }

    @Test
    void logitsAndLossesOfEachViewAreTheReferences() {
        for (JsonNode expected : file.get("cases")) {
            double temperature = expected.get("T").doubleValue();
            NDArray a = call("l2_normalize", matrix(file.get("a_raw")));
            NDArray b = call("l2_normalize", matrix(file.get("b_raw")));
            assertThat(a.getShape()).isEqualTo(new Shape(images, file.get("dim").intValue()));
            assertClose(a, expected.get("a_unit"));
            assertClose(b, expected.get("b_unit"));
            NDArray ofA = call("nt_xent_logits", a, b, 0, images, temperature);
            NDArray ofB = call("nt_xent_logits", b, a, 0, images, temperature);
            assertClose(ofA.get(":, :" + images), expected.get("logits_ab"));
            assertSameKind(ofA, expected.get("logits_aa_before_mask"));
            assertSameKind(ofB, expected.get("logits_bb_before_mask"));
            double[] losses = doubles(expected.get("per_view_loss_a_then_b"));
            for (int i = 0; i < images; i++) {
                assertThat(crossEntropy(ofA.get(i).toDoubleArray(), i)).isCloseTo(losses[i], NEAR);
                assertThat(crossEntropy(ofB.get(i).toDoubleArray(), i)).isCloseTo(losses[images + i], NEAR);
            }
            NDArray positives = call("positive_columns", ofA, 0, images);
            double top1 = (call("positive_accuracy", ofA, positives, 1).getDouble()
                            + call("positive_accuracy", ofB, positives, 1).getDouble())
                    / 2;
            assertThat(100 * top1)
                    .isCloseTo(
                            expected.get("contrastive_top1_percent_over_2N_minus_1")
                                    .doubleValue(),
                            NEAR);
        }
    }

    /** The similarity of a view with itself is masked, all others are the file's. */
    private void assertSameKind(NDArray logits, JsonNode beforeMask) {
        double[] expected = doubles(beforeMask);
        double[] found = logits.get(":, " + images + ":").toDoubleArray();
        for (int i = 0; i < expected.length; i++) {
            if (i / images == i % images) {
                assertThat(found[i]).isEqualTo(expected[i] - 1e9);
            } else {
                assertThat(found[i]).isCloseTo(expected[i], NEAR);
            }
        }
    }

    @Test
    void oneRankHasTheOfficialLossAndItsGradient() {
        for (JsonNode expected : file.get("cases")) {
            double temperature = expected.get("T").doubleValue();
            NDArray a = matrix(file.get("a_raw"));
            NDArray b = matrix(file.get("b_raw"));
            Result found = loss(a, b, 0, images, temperature);
            assertThat(found.loss)
                    .isCloseTo(expected.get("loss_official_sum_of_two_means").doubleValue(), NEAR);
            assertThat(found.loss / 2)
                    .isCloseTo(expected.get("loss_paper_mean_over_2N").doubleValue(), NEAR);
            assertClose(found.a.div(2), expected.get("grad_a_raw_of_paper_loss"));
            assertClose(found.b.div(2), expected.get("grad_b_raw_of_paper_loss"));
            NDList metrics = program.callWithGradients(manager, "nt_xent", a, b, 0, images, temperature);
            assertThat(100 * metrics.get(0).toDoubleArray()[1])
                    .isCloseTo(expected.get("contrastive_top1_percent_official").doubleValue(), NEAR);
        }
    }

    @Test
    void ranksThatGatherHaveTheGradientOfOneRank() {
        for (JsonNode expected : file.get("cases")) {
            double temperature = expected.get("T").doubleValue();
            NDArray a = matrix(file.get("a_raw"));
            NDArray b = matrix(file.get("b_raw"));
            NDArray ofA = a.zerosLike();
            NDArray ofB = b.zerosLike();
            for (int rank = 0; rank < ranks; rank++) {
                Result found = loss(a, b, rank * share, share, temperature);
                assertThat(found.loss)
                        .isCloseTo(
                                expected.get("official_rank_losses").get(rank).doubleValue(), NEAR);
                ofA.addi(found.a);
                ofB.addi(found.b);
            }
            assertClose(ofA.div(2 * ranks), expected.get("grad_a_raw_of_paper_loss"));
            assertClose(ofB.div(2 * ranks), expected.get("grad_b_raw_of_paper_loss"));
        }
    }

    /** Values that common mistakes give. */
    @Test
    void mistakesGiveOtherNumbers() {
        for (JsonNode expected : file.get("cases")) {
            double temperature = expected.get("T").doubleValue();
            JsonNode contrast = expected.get("contrast");
            NDArray a = matrix(file.get("a_raw"));
            NDArray b = matrix(file.get("b_raw"));
            double ownLoss = 0;
            List<NDArray> own = new ArrayList<>();
            List<NDArray> detachedA = new ArrayList<>();
            List<NDArray> detachedB = new ArrayList<>();
            for (int rank = 0; rank < ranks; rank++) {
                String rows = rank * share + ":" + (rank + 1) * share;
                Result alone = loss(a.get(rows), b.get(rows), 0, share, temperature);
                ownLoss += alone.loss / ranks;
                own.add(alone.a.div(ranks));
                Result gathered = loss(a, b, rank * share, share, temperature);
                detachedA.add(gathered.a.get(rows).div(ranks));
                detachedB.add(gathered.b.get(rows).div(ranks));
            }
            JsonNode ownOnly = contrast.get("negatives_of_own_rank_only");
            assertThat(ownLoss).isCloseTo(ownOnly.get("loss_official").doubleValue(), NEAR);
            assertClose(rows(own), ownOnly.get("grad_a_raw_official"));
            JsonNode remote = contrast.get("gather_without_remote_gradient");
            assertClose(rows(detachedA), remote.get("grad_a_raw_official"));
            assertClose(rows(detachedB), remote.get("grad_b_raw_official"));
            assertThat(lossWithoutMask(expected))
                    .isCloseTo(
                            contrast.get("self_not_masked").get("loss_official").doubleValue(), NEAR);
            JsonNode whole =
                    contrast.get("every_rank_computes_the_whole_loss_and_keeps_its_slice_then_ranks_are_averaged");
            NDArray gradient = loss(a, b, 0, images, temperature).a.div(2);
            assertClose(gradient.mul(whole.get("factor").doubleValue()), whole.get("grad_a_raw_of_paper_loss"));
        }
    }

    private double lossWithoutMask(JsonNode expected) {
        double[] ab = doubles(expected.get("logits_ab"));
        double sum = 0;
        for (int i = 0; i < images; i++) {
            double[] ofA = new double[2 * images];
            double[] ofB = new double[2 * images];
            for (int j = 0; j < images; j++) {
                ofA[j] = ab[i * images + j];
                ofB[j] = ab[j * images + i];
                ofA[images + j] =
                        expected.get("logits_aa_before_mask").get(i).get(j).doubleValue();
                ofB[images + j] =
                        expected.get("logits_bb_before_mask").get(i).get(j).doubleValue();
            }
            sum += (crossEntropy(ofA, i) + crossEntropy(ofB, i)) / images;
        }
        return sum;
    }

    @Test
    void closedFormsHold() {
        JsonNode closed = file.get("closed_form");
        for (Map.Entry<String, JsonNode> negatives :
                closed.get("negatives_per_view").properties()) {
            int batch = Integer.parseInt(negatives.getKey());
            NDArray equal = manager.ones(new Shape(batch, 2), DataType.FLOAT64);
            Result found = loss(equal, equal, 0, 1, 0.1);
            String ln = "ln_" + (2 * batch - 1);
            assertThat(found.loss / 2).isCloseTo(closed.get(ln).doubleValue(), NEAR);
            NDArray logits = call("nt_xent_logits", equal, equal, 0, 1, 0.1);
            long unmasked = Arrays.stream(logits.toDoubleArray())
                    .filter(logit -> logit > -1e8)
                    .count();
            assertThat(unmasked - 1).isEqualTo(negatives.getValue().longValue());
        }
        JsonNode hand = closed.get("hand");
        double loss = loss(
                        matrix(hand.get("a")),
                        matrix(hand.get("b")),
                        0,
                        2,
                        hand.get("T").doubleValue())
                .loss;
        assertThat(loss / 2).isCloseTo(hand.get("loss_paper").doubleValue(), NEAR);
    }

    /** Lengths have torch's floor; TensorFlow's is on the square. */
    @Test
    void lengthsHaveTorchsFloor() {
        JsonNode lengths = file.get("normalise");
        NDArray x = matrix(lengths.get("x"));
        assertClose(call("l2_normalize", x), lengths.get("torch_eps_1e-12_on_the_norm"));
        NDArray squares = x.square().sum(new int[] {1}, true).maximum(1e-12);
        assertClose(x.div(squares.sqrt()), lengths.get("tensorflow_eps_1e-12_on_the_squared_norm"));
    }

    private static double crossEntropy(double[] logits, int positive) {
        double largest = Arrays.stream(logits).max().orElseThrow();
        double sum = Arrays.stream(logits).map(x -> Math.exp(x - largest)).sum();
        return Math.log(sum) + largest - logits[positive];
    }

    private static NDArray rows(List<NDArray> parts) {
        return parts.get(0)
                .getManager()
                .create(parts.stream()
                        .flatMapToDouble(part -> Arrays.stream(part.toDoubleArray()))
                        .toArray());
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
