package dev.moco.training.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.DetectConfig;
import dev.moco.training.Vectors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class WarmupMultiStepScheduleVectorTest {
    private final JsonNode rates = Vectors.read("04_lr_schedule.json").get("detection_iter_lr");

    @Test
    void learningRatesAreThoseOfThePaper() {
        WarmupMultiStepSchedule schedule = new WarmupMultiStepSchedule(solver());
        rates.properties()
                .forEach(entry -> assertThat(schedule.learningRate(Integer.parseInt(entry.getKey())))
                        .as(entry.getKey())
                        .isCloseTo(entry.getValue().asDouble(), within(1e-12)));
    }

    /** Derives the settings from the vector, which lists the iterations before and at each change, in order. */
    private DetectConfig.Solver solver() {
        double full = StreamSupport.stream(rates.spliterator(), false)
                .mapToDouble(JsonNode::asDouble)
                .max()
                .orElseThrow();
        List<Integer> warm = new ArrayList<>();
        List<Integer> milestones = new ArrayList<>();
        double before = 0;
        for (Map.Entry<String, JsonNode> entry : rates.properties()) {
            double rate = entry.getValue().asDouble();
            if (rate == full) {
                warm.add(Integer.valueOf(entry.getKey()));
            } else if (rate < before / 2) {
                milestones.add(Integer.valueOf(entry.getKey()));
            }
            before = rate;
        }
        double factor = rates.get("0").asDouble() / full;
        return new DetectConfig.Solver(24000, 16, 8, full, .9, 1e-4, milestones, warm.get(0), factor);
    }
}
