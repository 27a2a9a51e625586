package dev.moco.training.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.training.Vectors;
import java.util.List;
import java.util.Map;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;

/** Vector 53: the schedules of SimCLR, of its linear evaluation, of supervised and of end-to-end training. */
class SchedulesVectorTest {
    private final JsonNode file = Vectors.read("53_schedules.json");
    private final long images = file.get("train_images").longValue();

    @Test
    void simClrWarmsUpAndFollowsACosine() {
        for (JsonNode row : file.get("pretrain")) {
            WarmupCosine schedule = schedule(row, images, 10);
            assertThat(schedule.peak()).isCloseTo(row.get("peak").doubleValue(), within(1e-12));
            assertThat(schedule.warmupSteps()).isEqualTo(row.get("warmup_steps").longValue());
            assertThat(schedule.totalSteps()).isEqualTo(row.get("total_steps").longValue());
            assertRates(schedule::learningRate, row.get("lr_at_step"));
        }
    }

    @Test
    void everyStepOfASmallRunHasItsRate() {
        JsonNode small = file.get("small_all_steps");
        WarmupCosine schedule = schedule(
                small,
                small.get("train_images").longValue(),
                small.get("warmup_epochs").intValue());
        JsonNode rates = small.get("lr");
        assertThat(schedule.totalSteps()).isEqualTo(rates.size());
        for (int step = 0; step < rates.size(); step++) {
            assertThat(schedule.learningRate(step)).isCloseTo(rates.get(step).doubleValue(), within(1e-12));
        }
    }

    @Test
    void bothScalingsMeetAtOneBatch() {
        int batch = file.get("peak").get("equal_at").intValue();
        assertThat(linear(0.3, batch)).isCloseTo(squareRoot(batch), within(1e-12));
        assertThat(linear(0.3, batch + 1)).isGreaterThan(squareRoot(batch + 1));
    }

    @Test
    void linearEvaluationHasNoWarmup() {
        JsonNode row = file.get("linear_evaluation");
        int batch = row.get("batch").intValue();
        WarmupCosine schedule = WarmupCosine.of(
                linear(0.1, batch), images, batch, row.get("epochs").intValue(), 0);
        assertThat(schedule.totalSteps()).isEqualTo(row.get("total_steps").longValue());
        assertRates(schedule::learningRate, row.get("lr_at_step"));
    }

    /** With images that are not a whole number of batches, a run has more steps than the schedule's. */
    @Test
    void ratesOfARunNeverRiseAfterTheWarmup() {
        Optimizer optimizer =
                new Optimizer(0.1, 0.9, 0, Schedule.COSINE_BY_STEP, List.of(), Optimizer.Algorithm.NESTEROV, 1);
        RateSchedule schedule = RateSchedule.of(optimizer, 10, 100, 64, 2);
        assertThat(schedule.rate(0, 0)).isZero();
        for (int step = 2; step < 20; step++) {
            assertThat(schedule.rate(step / 2, step))
                    .isBetween(0.0, schedule.rate((step - 1) / 2, step - 1) + (step == 2 ? 0.1 : 0));
        }
    }

    @Test
    void supervisedRatesDropThriceOrTwice() {
        JsonNode row = file.get("supervised");
        assertRates(epoch -> stepped(List.of(30, 60), (int) epoch, 90), row.get("lr_at_epoch"));
        assertRates(epoch -> stepped(List.of(70, 90), (int) epoch, 100), row.get("hundred_epochs_70_90_percent"));
        long steps = (images + 8 * 32 - 1) / (8 * 32);
        assertThat(steps)
                .isEqualTo(row.get("steps_per_epoch")
                        .get("8_ranks_of_32_no_drop_last")
                        .longValue());
    }

    @Test
    void endToEndRatesFollowTheBatch() {
        for (Map.Entry<String, JsonNode> base :
                file.get("end_to_end").get("base").properties()) {
            double peak = linear(0.03, Integer.parseInt(base.getKey()));
            Optimizer optimizer = new Optimizer(peak, 0.9, 1e-4, Schedule.COSINE, List.of());
            assertThat(EpochSchedule.learningRate(optimizer, 0, 200))
                    .isCloseTo(base.getValue().doubleValue(), within(1e-12));
        }
    }

    private static WarmupCosine schedule(JsonNode row, long images, int warmupEpochs) {
        int batch = row.get("batch").intValue();
        double peak = row.get("scaling").textValue().equals("sqrt") ? squareRoot(batch) : linear(0.3, batch);
        return WarmupCosine.of(peak, images, batch, row.get("epochs").intValue(), warmupEpochs);
    }

    /** In proportion to the batch; the base is the rate of 256 images. */
    private static double linear(double base, int batch) {
        return base * batch / 256.0;
    }

    /** SimCLR's other rule, by which its published rows were not trained. */
    private static double squareRoot(int batch) {
        return 0.075 * Math.sqrt(batch);
    }

    private static double stepped(List<Integer> milestones, int epoch, int epochs) {
        Optimizer optimizer = new Optimizer(linear(0.1, 256), 0.9, 1e-4, Schedule.STEP, milestones);
        return EpochSchedule.learningRate(optimizer, epoch, epochs);
    }

    /** The last rates of a cosine are near 1e-12. */
    private static void assertRates(LongToDoubleFunction rate, JsonNode expected) {
        assertThat(expected).isNotEmpty();
        expected.properties()
                .forEach(at -> assertThat(rate.applyAsDouble(Long.parseLong(at.getKey())))
                        .isCloseTo(at.getValue().doubleValue(), within(1e-14)));
    }
}
