package dev.moco.training.detect.boxes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.DetectConfig;
import dev.moco.training.Vectors;
import dev.moco.training.data.CounterRandom;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** Tests anchors, box deltas, NMS, matching and sampling against the vectors. */
class BoxVectorTest {
    @Test
    void anchorsAreInTheOrderOfTheRpnOutputs() {
        JsonNode vector = Vectors.read("21_anchors.json");
        AnchorGrid grid = new AnchorGrid(
                new DetectConfig.Anchors(
                        Arrays.stream(VectorArrays.ints(vector.get("sizes")))
                                .boxed()
                                .toList(),
                        Arrays.stream(VectorArrays.doubles(vector.get("ratios_h_over_w")))
                                .boxed()
                                .toList()),
                vector.get("stride").asInt());
        int[] size = VectorArrays.ints(vector.get("feature_hw"));

        assertThat(grid.perCell()).isEqualTo(vector.get("cell_anchors_15x4").size());
        assertClose(grid.over(1, 1), vector.get("cell_anchors_15x4"), 1e-4);
        Boxes first = grid.over(1, 1);
        double offset = vector.get("offset").asDouble() * vector.get("stride").asInt();
        assertThat((first.x1(0) + first.x2(0)) / 2).isCloseTo(offset, within(1e-4));
        assertThat((first.y1(0) + first.y2(0)) / 2).isCloseTo(offset, within(1e-4));
        assertClose(grid.over(size[0], size[1]), vector.get("grid_anchors_order_y_x_a"), 1e-4);
    }

    @Test
    void deltasAreEncodedAndDecodedWithTheScaleClamped() {
        JsonNode vector = Vectors.read("22_box_coder.json");
        assertThat(BoxCoder.LARGEST_LOG_RATIO)
                .isCloseTo(vector.get("scale_clamp").asDouble(), within(1e-12));
        Boxes source = VectorArrays.boxes(vector.get("src"));
        Boxes target = VectorArrays.boxes(vector.get("target"));
        for (JsonNode example : vector.get("cases")) {
            double[] weights = VectorArrays.doubles(example.get("weights"));
            assertThat(weights).containsExactly(weights[0], weights[0], weights[2], weights[2]);
            BoxCoder coder = new BoxCoder(weights[0], weights[2]);
            float[] deltas = new float[4 * source.size()];
            for (int i = 0; i < source.size(); i++) {
                coder.encode(source, i, target, i, deltas, 4 * i);
            }
            assertClose(deltas, VectorArrays.doubles(example.get("deltas")), 1e-5);
            assertClose(decode(coder, source, deltas), example.get("decode_roundtrip"), 1e-5);
            assertClose(
                    decode(
                            coder,
                            VectorArrays.boxes(example.get("clamp_src")),
                            VectorArrays.floats(example.get("clamp_input"))),
                    example.get("clamp_decoded"),
                    1e-5);
        }
        assertThat(BoxCoder.PROPOSALS).isEqualTo(new BoxCoder(1, 1));
        assertThat(BoxCoder.REGIONS).isEqualTo(new BoxCoder(10, 5));
    }

    @Test
    void boxesExactlyAtTheThresholdAreNotSuppressed() {
        JsonNode vector = Vectors.read("23_nms.json");
        Boxes boxes = VectorArrays.boxes(vector.get("boxes"));
        float[] scores = VectorArrays.floats(vector.get("scores"));
        int[] classes = VectorArrays.ints(vector.get("classes"));
        JsonNode ious = vector.get("iou_matrix_no_plus_one");
        for (int i = 0; i < boxes.size(); i++) {
            for (int j = 0; j < boxes.size(); j++) {
                assertThat(boxes.iou(i, boxes, j)).isCloseTo(ious.get(i).get(j).asDouble(), within(1e-12));
            }
        }
        for (Map.Entry<String, JsonNode> kept : vector.get("nms").properties()) {
            assertThat(NonMaximumSuppression.nms(boxes, scores, Double.parseDouble(kept.getKey()), boxes.size()))
                    .containsExactly(VectorArrays.ints(kept.getValue()));
        }
        for (Map.Entry<String, JsonNode> kept : vector.get("batched_nms").properties()) {
            assertThat(NonMaximumSuppression.nms(
                            boxes, scores, classes, Double.parseDouble(kept.getKey()), boxes.size()))
                    .containsExactly(VectorArrays.ints(kept.getValue()));
        }
    }

    @Test
    void iouIsThatOfContinuousBoxes() {
        for (JsonNode example : Vectors.read("31_voc_ap_edge_cases.json").get("iou")) {
            assertThat(VectorArrays.boxes(example.get("a")).iou(0, VectorArrays.boxes(example.get("b")), 0))
                    .isCloseTo(example.get("iou_no_offset").asDouble(), within(1e-12));
        }
    }

    @Test
    void anchorsAndProposalsAreMatchedToObjects() {
        JsonNode vector = Vectors.read("24_matcher.json");
        Boxes objects = VectorArrays.boxes(vector.get("gt"));
        Boxes anchors = VectorArrays.boxes(vector.get("anchors"));
        for (int i = 0; i < objects.size(); i++) {
            for (int j = 0; j < anchors.size(); j++) {
                assertThat(objects.iou(i, anchors, j))
                        .isCloseTo(vector.get("iou_gt_x_anchor").get(i).get(j).asDouble(), within(1e-12));
            }
        }
        Matcher.Matches proposals = Matcher.PROPOSALS.match(objects, anchors);
        Matcher strict = new Matcher(Matcher.PROPOSALS.negativeBelow(), Matcher.PROPOSALS.positiveFrom(), false);

        assertThat(proposals.objects()).containsExactly(VectorArrays.ints(vector.get("matched_gt")));
        assertThat(proposals.labels()).containsExactly(VectorArrays.ints(vector.get("rpn_labels_with_low_quality")));
        assertThat(strict.match(objects, anchors).labels())
                .containsExactly(VectorArrays.ints(vector.get("rpn_labels_without_low_quality")));
        assertThat(Matcher.REGIONS.match(objects, anchors).labels())
                .containsExactly(VectorArrays.ints(vector.get("roi_labels_thr0.5")));
    }

    @Test
    void aSampleHasAtMostItsShareOfPositives() {
        for (JsonNode example : Vectors.read("28_subsample_counts.json").get("cases")) {
            BoxSampler sampler =
                    new BoxSampler(example.get("S").asInt(), example.get("frac").asDouble());
            int positives = example.get("P").asInt();
            int[] labels = new int[positives + example.get("Ng").asInt() + 7];
            Arrays.fill(labels, Matcher.NEGATIVE);
            Arrays.fill(labels, 0, positives, Matcher.POSITIVE);
            Arrays.fill(labels, labels.length - 7, labels.length, Matcher.IGNORED);

            BoxSampler.Drawn drawn = sampler.draw(labels, CounterRandom.of(1));

            assertThat(drawn.positives()).hasSize(example.get("pos").asInt()).doesNotHaveDuplicates();
            assertThat(drawn.negatives()).hasSize(example.get("neg").asInt()).doesNotHaveDuplicates();
            assertThat(IntStream.of(drawn.positives())).allMatch(i -> labels[i] == Matcher.POSITIVE);
            assertThat(IntStream.of(drawn.negatives())).allMatch(i -> labels[i] == Matcher.NEGATIVE);
        }
    }

    private static Boxes decode(BoxCoder coder, Boxes source, float[] deltas) {
        double[] corners = new double[deltas.length];
        for (int i = 0; i < source.size(); i++) {
            coder.decode(source, i, deltas, 4 * i, corners, 4 * i);
        }
        return new Boxes(corners);
    }

    private static void assertClose(Boxes found, JsonNode expected, double tolerance) {
        assertThat(found.size()).isEqualTo(expected.size());
        double[] corners = StreamSupport.stream(expected.spliterator(), false)
                .flatMapToDouble(box -> Arrays.stream(VectorArrays.doubles(box)))
                .toArray();
        for (int i = 0; i < found.size(); i++) {
            assertThat(new double[] {found.x1(i), found.y1(i), found.x2(i), found.y2(i)})
                    .containsExactly(Arrays.copyOfRange(corners, 4 * i, 4 * i + 4), within(tolerance));
        }
    }

    private static void assertClose(float[] found, double[] expected, double tolerance) {
        double[] doubles = new double[found.length];
        for (int i = 0; i < found.length; i++) {
            doubles[i] = found[i];
        }
        assertThat(doubles).containsExactly(expected, within(tolerance));
    }
}
