package dev.moco.training;

import static java.util.Map.entry;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A change of one digit in a vector file.
 *
 * @param at position of the number
 * @param number new value
 */
record VectorChange(JsonPointer at, String number) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ASPECT_OF_SQUARES =
            "15_random_resized_crop.json/torchvision_20000_draw_statistics_scale_0.2_1/500x500/mean_log_aspect";
    private static final String TRUTHS = "32_voc_vs_coco_dataset.json/gt_voc_1based_inclusive_[box,difficult]";
    private static final String DETECTIONS =
            "32_voc_vs_coco_dataset.json/detections_0based_continuous_[image,score,box]";

    /**
     * Numbers to change instead of the middle one of their path, since a change of that one has no effect: results that
     * are indices or counts, queue columns that are overwritten, uniforms that are not drawn, and a mean of draws that
     * is 0 within its error.
     */
    private static final Map<String, String> EFFECTIVE = Map.ofEntries(
            entry("01_infonce.json/closed_form/hand_example/k_pos/0", "2"),
            entry("02_queue.json/initial_queue/1/4", "22.0"),
            entry("02_queue.json/must_fail/0/B", "4"),
            entry("02_queue.json/must_fail/0/K", "9"),
            entry("07_accuracy_meter.json/logits/0/1", "0.1"),
            entry("07_accuracy_meter.json/targets/0", "2"),
            entry("15_random_resized_crop.json/cases/0/uniforms/0", "0.3348"),
            entry(ASPECT_OF_SQUARES, "0.1002"),
            entry("23_nms.json/scores/0", "0.8"),
            entry("25_rcnn_losses.json/fast_rcnn/bbox_pred/2/8", "-0.5549"),
            entry("27_box_flip_clip.json/box2/2", "410"),
            entry("28_subsample_counts.json/cases/0/P", "20"),
            entry("28_subsample_counts.json/cases/4/Ng", "200"),
            // The view in the middle has no jitter.
            entry("54_strong_colour.json/pillow/views/0/factors/0", "1.185855197906494"),
            entry("54_strong_colour.json/pillow/views/0/order/0", "2"),
            entry(TRUTHS + "/dog/000002/0/0/0", "250"),
            entry(DETECTIONS + "/person/8/2/0", "67.6042"));

    private static final Pattern LEADING_DIGIT = Pattern.compile("[1-9]|0(?=[0.]*$|[0.]*[eE])");

    /** Changes the leading digit of the middle number of a path, or the number that is in {@link #EFFECTIVE}. */
    static VectorChange of(String file, JsonNode content, List<JsonPointer> numbers) {
        for (JsonPointer at : numbers) {
            String effective = EFFECTIVE.get(file + at);
            if (effective != null) {
                return new VectorChange(at, effective);
            }
        }
        JsonPointer middle = numbers.get(numbers.size() / 2);
        return new VectorChange(middle, withOtherDigit(content.at(middle).asText()));
    }

    /** Increases the leading digit by one; 9 becomes 8. */
    private static String withOtherDigit(String number) {
        Matcher leading = LEADING_DIGIT.matcher(number);
        return leading.find()
                ? leading.replaceFirst(digit ->
                        digit.group().equals("9") ? "8" : "" + (digit.group().charAt(0) - '0' + 1))
                : number;
    }

    /** Returns a copy of the file's content with the change. */
    JsonNode in(JsonNode content) throws JsonProcessingException {
        JsonNode copy = content.deepCopy();
        JsonNode parent = copy.at(at.head());
        if (parent instanceof ArrayNode array) {
            array.set(at.last().getMatchingIndex(), JSON.readTree(number));
        } else {
            ((ObjectNode) parent).set(at.last().getMatchingProperty(), JSON.readTree(number));
        }
        return copy;
    }
}
