package dev.moco.training.detect.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.training.Vectors;
import dev.moco.training.detect.boxes.BoxCoder;
import dev.moco.training.detect.boxes.BoxSampler;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.Matcher;
import dev.moco.training.detect.boxes.VectorArrays;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests RoIAlign, the losses and NaiveSyncBN of the TorchScript program, in float64. */
class DetectorProgramVectorTest {
    private final NDManager manager = TorchEngine.start(1);
    private final TorchProgram program = TorchProgram.compile(
            Device.cpu(),
            "/dev/moco/training/detect/detector.py",
            "/dev/moco/training/detect/align_gradient.py",
            "/dev/moco/training/detect/batch_norm_alone.py");

    @AfterEach
    void close() {
        program.close();
        manager.close();
    }

    @Test
    void roiAlignIsTorchvisionsWithAlignedTrue() {
        JsonNode vector = Vectors.read("20_roi_align.json");
        for (JsonNode example : vector.get("cases")) {
            String name = example.get("name").asText();
            NDArray features = tensor(vector.get(example.get("feature").asText()));
            NDArray regions = tensor(example.get("rois_b_x1_y1_x2_y2"));
            double[] aligned = align(features, regions, example);
            double[] expected = VectorArrays.doubles(example.get("result"));
            if (example.get("aligned").asBoolean()) {
                assertThat(aligned).as(name).containsExactly(expected, within(1e-5));
            } else {
                assertThat(IntStream.range(0, expected.length).mapToDouble(i -> Math.abs(aligned[i] - expected[i])))
                        .as(name)
                        .anyMatch(difference -> difference > 1e-3);
                double half = .5 / example.get("spatial_scale").asDouble();
                NDArray shifted = regions.add(manager.create(new double[] {0, half, half, half, half}));
                assertThat(align(features, shifted, example))
                        .as(name + ", shifted")
                        .containsExactly(expected, within(1e-5));
            }
        }
    }

    @Test
    void roiAlignHasTheGradientsOfTorchvision() {
        JsonNode vector = Vectors.read("20_roi_align.json");
        JsonNode example = vector.get("grad_of_sum_case");
        int[] cells = VectorArrays.ints(example.get("output_size"));
        assertThat(program.callWithGradients(
                                manager,
                                "align_gradient",
                                tensor(vector.get("f2")),
                                tensor(example.get("roi")).reshape(1, 5),
                                example.get("spatial_scale").asDouble(),
                                new long[] {cells[0], cells[1]},
                                0)
                        .singletonOrThrow()
                        .toDoubleArray())
                .containsExactly(VectorArrays.doubles(example.get("grad_f2")), within(1e-5));
    }

    private double[] align(NDArray features, NDArray regions, JsonNode example) {
        int[] cells = VectorArrays.ints(example.get("output_size"));
        return program.call(
                        manager,
                        "roi_align",
                        features,
                        regions,
                        example.get("spatial_scale").asDouble(),
                        new long[] {cells[0], cells[1]},
                        example.get("sampling_ratio").asInt())
                .singletonOrThrow()
                .toDoubleArray();
    }

    @Test
    void rpnLossesAreSumsDividedByTheNormalizer() {
        JsonNode vector = Vectors.read("25_rcnn_losses.json").get("rpn");
        int[] labels = VectorArrays.ints(vector.get("labels"));
        Boxes anchors = VectorArrays.boxes(vector.get("anchors"));
        Boxes objects = VectorArrays.boxes(vector.get("matched_gt_boxes"));
        int[] positives = IntStream.range(0, labels.length)
                .filter(i -> labels[i] == Matcher.POSITIVE)
                .toArray();
        int[] negatives = IntStream.range(0, labels.length)
                .filter(i -> labels[i] == Matcher.NEGATIVE)
                .toArray();
        NDList losses = program.call(
                manager,
                "proposal_losses",
                tensor(vector.get("logits")),
                tensor(vector.get("deltas")),
                manager.create(new BoxSampler.Drawn(positives, negatives).positivesFirst()),
                deltas(BoxCoder.PROPOSALS, anchors, objects, positives),
                vector.get("normalizer").asDouble());
        assertThat(losses.get(0).getDouble())
                .isCloseTo(vector.get("loss_rpn_cls").asDouble(), within(1e-6));
        assertThat(losses.get(1).getDouble())
                .isCloseTo(vector.get("loss_rpn_loc").asDouble(), within(1e-6));
    }

    @Test
    void boxLossUsesTheDeltasOfTheTrueClass() {
        JsonNode vector = Vectors.read("25_rcnn_losses.json").get("fast_rcnn");
        int classes = vector.get("num_classes").asInt();
        int[] labels = VectorArrays.ints(vector.get("gt_classes"));
        Boxes proposals = VectorArrays.boxes(vector.get("proposals"));
        Boxes objects = VectorArrays.boxes(vector.get("gt_boxes"));
        assertThat(classes).isEqualTo(vector.get("background_label").asInt());
        int[] foreground = IntStream.range(0, labels.length)
                .filter(i -> labels[i] < classes)
                .toArray();
        NDList losses = program.call(
                manager,
                "region_losses",
                tensor(vector.get("scores")),
                tensor(vector.get("bbox_pred")),
                manager.create(Arrays.stream(labels).asLongStream().toArray()),
                manager.create(Arrays.stream(foreground)
                        .mapToLong(i -> (long) i * classes + labels[i])
                        .toArray()),
                deltas(BoxCoder.REGIONS, proposals, objects, foreground));
        assertThat(losses.get(0).getDouble())
                .isCloseTo(vector.get("loss_cls_mean").asDouble(), within(1e-6));
        assertThat(losses.get(1).getDouble())
                .isCloseTo(vector.get("loss_box_reg").asDouble(), within(1e-6));
    }

    /** Deltas from boxes to the objects of the same indices. */
    private NDArray deltas(BoxCoder coder, Boxes boxes, Boxes objects, int[] indices) {
        float[] deltas = new float[4 * indices.length];
        for (int i = 0; i < indices.length; i++) {
            coder.encode(boxes, indices[i], objects, indices[i], deltas, 4 * i);
        }
        return manager.create(deltas, new Shape(indices.length, 4));
    }

    /** A float64 tensor of nested arrays of numbers. */
    private NDArray tensor(JsonNode numbers) {
        long[] shape = new long[8];
        int dimensions = 0;
        for (JsonNode node = numbers; node.isArray(); node = node.get(0)) {
            shape[dimensions++] = node.size();
        }
        return manager.create(VectorArrays.doubles(numbers), new Shape(Arrays.copyOf(shape, dimensions)));
    }

    @Test
    void ranksContributeToTheStatisticsWithEqualWeight() {
        JsonNode vector = Vectors.read("30_naive_sync_bn.json");
        NDList inputs = new NDList();
        vector.get("worker_inputs_NCHW").forEach(worker -> inputs.add(tensor(worker)));
        int channels = vector.get("mean").size();
        double[] onesThenZeros = new double[2 * channels];
        Arrays.fill(onesThenZeros, 0, channels, 1);
        double[] zerosThenOnes = new double[2 * channels];
        Arrays.fill(zerosThenOnes, channels, 2 * channels, 1);
        NDArray parameters = manager.create(onesThenZeros);
        NDArray statistics = manager.create(zerosThenOnes);
        NDArray ofBatch = manager.create(zerosThenOnes);

        NDList outputs = program.call(manager, "batch_norm_alone", parameters, statistics, inputs, .1);
        program.call(manager, "batch_norm_alone", parameters, ofBatch, inputs, 1.);

        for (int rank = 0; rank < inputs.size(); rank++) {
            assertThat(outputs.get(rank).toDoubleArray())
                    .containsExactly(
                            VectorArrays.doubles(
                                    vector.get("outputs_gamma1_beta0").get(rank)),
                            within(1e-6));
        }
        assertMoments(statistics, vector.get("running_mean_after_from0"), vector.get("running_var_after_from1"));
        assertMoments(ofBatch, vector.get("mean"), vector.get("var_biased"));
    }

    private static void assertMoments(NDArray statistics, JsonNode means, JsonNode variances) {
        int channels = means.size();
        double[] found = statistics.toDoubleArray();
        assertThat(Arrays.copyOf(found, channels)).containsExactly(VectorArrays.doubles(means), within(1e-6));
        assertThat(Arrays.copyOfRange(found, channels, 2 * channels))
                .containsExactly(VectorArrays.doubles(variances), within(1e-6));
    }
}
