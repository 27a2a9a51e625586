package dev.moco.training.detect.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.StageResult;
import dev.moco.training.Vectors;
import dev.moco.training.data.Sample;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class EvaluationVectorTest {
    @Test
    void averagePrecisionIsComputedInThreeWays() {
        for (JsonNode example : Vectors.read("31_voc_ap_edge_cases.json").get("cases")) {
            JsonNode sequence = example.get("tp_sequence_by_score");
            boolean[] hits = new boolean[sequence.size()];
            for (int i = 0; i < hits.length; i++) {
                hits[i] = sequence.get(i).asInt() == 1;
            }
            PrecisionRecall curve = PrecisionRecall.of(hits, example.get("npos").asInt());
            for (int i = 0; i < hits.length; i++) {
                assertThat(curve.recall()[i])
                        .isCloseTo(example.get("recall").get(i).asDouble(), within(1e-9));
                assertThat(curve.precision()[i])
                        .isCloseTo(example.get("precision").get(i).asDouble(), within(1e-9));
            }
            assertThat(curve.elevenPoints())
                    .isCloseTo(example.get("ap_voc07_11pt").asDouble(), within(1e-9));
            assertThat(curve.area()).isCloseTo(example.get("ap_area").asDouble(), within(1e-9));
            assertThat(curve.hundredAndOnePoints())
                    .isCloseTo(example.get("ap_coco101").asDouble(), within(1e-9));
        }
    }

    @Test
    void theElevenPointsAreMultiplesOfOneTenthInDoubles() {
        JsonNode grid = Vectors.read("31_voc_ap_edge_cases.json").get("grid");
        for (int i = 0; i < grid.size(); i++) {
            double recall = grid.get(i).asDouble();
            assertThat(reached(recall)).isCloseTo((i + 1.) / grid.size(), within(1e-12));
            assertThat(reached(Math.nextDown(recall))).isCloseTo((double) i / grid.size(), within(1e-12));
        }
    }

    /** Share of the eleven points that a curve with a single recall reaches. */
    private static double reached(double recall) {
        return new PrecisionRecall(new double[] {recall}, new double[] {1}).elevenPoints();
    }

    @Test
    void vocBoxesIncludeBothCorners() {
        for (JsonNode example : Vectors.read("31_voc_ap_edge_cases.json").get("iou")) {
            JsonNode a = example.get("a");
            JsonNode b = example.get("b");
            double iou = vocBox(a).iou(vocBox(b));
            assertThat(iou).isCloseTo(example.get("iou_voc_plus1").asDouble(), within(1e-12));
            assertThat(iou > .5).isEqualTo(example.get("matched_at_0.5").asBoolean());
        }
    }

    private static VocBox vocBox(JsonNode corners) {
        return new VocBox(
                corners.get(0).asDouble(),
                corners.get(1).asDouble(),
                corners.get(2).asDouble(),
                corners.get(3).asDouble());
    }

    @Test
    void scoresAndCornersAreRoundedAsInResultFiles() {
        for (JsonNode example : Vectors.read("31_voc_ap_edge_cases.json").get("rounding")) {
            if (example.has("score")) {
                assertThat(VocBox.writtenScore(example.get("score").asDouble()))
                        .hasToString(example.get("printed").asText());
            } else {
                JsonNode corners = example.get("box");
                JsonNode printed = example.get("printed_xmin_ymin_xmax_ymax");
                for (int i = 0; i < 4; i++) {
                    double corner = corners.get(i).asDouble() + (i < 2 ? 1 : 0);
                    assertThat(VocBox.written(corner))
                            .hasToString(printed.get(i).asText());
                }
            }
        }
    }

    @Test
    void aSetWithDifficultObjectsHasThePrecisionsOfTheOriginalEvaluators() {
        JsonNode vector = Vectors.read("32_voc_vs_coco_dataset.json");
        TestSet set = set(vector, false);
        StageResult.Detected found = Evaluation.of(set, () -> {}).result();

        assertClose(found.voc07(), vector.get("voc07_11pt").get("final"));
        assertClose(found.vocArea(), vector.get("voc_area"));
        assertClose(found.coco(), vector.get("coco101_difficult_as_ignored_crowd"));
        JsonNode perThreshold = vector.get("voc07_11pt").get("per_threshold_per_class");
        for (StageResult.ClassAveragePrecision ofClass : found.classes()) {
            assertThat(ofClass.ap50())
                    .isCloseTo(perThreshold.get("50").get(ofClass.name()).asDouble(), within(1e-6));
            assertThat(ofClass.ap75())
                    .isCloseTo(perThreshold.get("75").get(ofClass.name()).asDouble(), within(1e-6));
        }
        assertClose(
                Evaluation.of(set(vector, true), () -> {}).result().coco(),
                vector.get("coco101_difficult_as_normal_gt"));
    }

    @Test
    void everyThresholdHasThePrecisionsOfTheOriginalEvaluator() {
        JsonNode vector = Vectors.read("32_voc_vs_coco_dataset.json");
        TestSet set = set(vector, false);
        JsonNode means = vector.get("voc07_11pt").get("mAP_per_threshold");
        for (Map.Entry<String, JsonNode> threshold :
                vector.get("voc07_11pt").get("per_threshold_per_class").properties()) {
            double sum = 0;
            for (int label = 0; label < set.classNames().size(); label++) {
                double found = 100
                        * new VocMatching(set, label)
                                .at(Integer.parseInt(threshold.getKey()) / 100.)
                                .elevenPoints();
                assertThat(found)
                        .isCloseTo(
                                threshold
                                        .getValue()
                                        .get(set.classNames().get(label))
                                        .asDouble(),
                                within(1e-6));
                sum += found;
            }
            assertThat(sum / set.classNames().size())
                    .isCloseTo(means.get(threshold.getKey()).asDouble(), within(1e-6));
        }
    }

    private static void assertClose(StageResult.AveragePrecision found, JsonNode expected) {
        assertThat(found.ap50()).isCloseTo(expected.get("AP50").asDouble(), within(1e-6));
        assertThat(found.ap()).isCloseTo(expected.get("AP").asDouble(), within(1e-6));
        assertThat(found.ap75()).isCloseTo(expected.get("AP75").asDouble(), within(1e-6));
    }

    private static TestSet set(JsonNode vector, boolean noneDifficult) {
        List<String> classNames = new ArrayList<>();
        vector.get("classes").forEach(name -> classNames.add(name.asText()));
        JsonNode truths = vector.get("gt_voc_1based_inclusive_[box,difficult]");
        JsonNode found = vector.get("detections_0based_continuous_[image,score,box]");
        Set<String> names = new LinkedHashSet<>();
        classNames.forEach(name -> truths.get(name).fieldNames().forEachRemaining(names::add));
        List<List<Sample.GroundTruth>> truthsOfImages = new ArrayList<>();
        List<List<Detection>> detectionsOfImages = new ArrayList<>();
        for (String image : names) {
            List<Sample.GroundTruth> objects = new ArrayList<>();
            List<Detection> detections = new ArrayList<>();
            for (int label = 0; label < classNames.size(); label++) {
                for (JsonNode truth : truths.get(classNames.get(label)).path(image)) {
                    JsonNode box = truth.get(0);
                    objects.add(new Sample.GroundTruth(
                            label,
                            box.get(0).asDouble() - 1,
                            box.get(1).asDouble() - 1,
                            box.get(2).asDouble(),
                            box.get(3).asDouble(),
                            truth.get(1).asInt() == 1 && !noneDifficult));
                }
                for (JsonNode detection : found.get(classNames.get(label))) {
                    if (detection.get(0).asText().equals(image)) {
                        JsonNode box = detection.get(2);
                        detections.add(new Detection(
                                label,
                                detection.get(1).asDouble(),
                                box.get(0).asDouble(),
                                box.get(1).asDouble(),
                                box.get(2).asDouble(),
                                box.get(3).asDouble()));
                    }
                }
            }
            truthsOfImages.add(objects);
            detectionsOfImages.add(detections);
        }
        return new TestSet(classNames, truthsOfImages, detectionsOfImages);
    }
}
