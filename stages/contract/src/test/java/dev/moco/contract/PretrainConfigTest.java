package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs of pre-training that have their first epochs in common. */
class PretrainConfigTest {
    @ParameterizedTest(name = "{0}: {1} epochs, milestones [{2}], and {3}, [{4}]: {5}")
    @CsvSource({
        "more epochs of a constant rate,         200, '',        100, '',        100",
        "more epochs after the milestones,       300, '120 160', 200, '120 160', 200",
        "a milestone after the shorter run,      300, '120 250', 200, '120',     200",
        "a milestone at its end,                 300, '200',     200, '',        200",
        "a milestone within it,                  300, '150',     200, '',        150",
        "other milestones,                       300, '120 160', 200, '130 160', 120",
        "a later second milestone,               300, '120 180', 200, '120 160', 160",
        "fewer epochs,                           100, '',        200, '150',     100",
        "milestones that neither run reaches,    100, '120 160',  50, '130',      50",
        "the same run,                           200, '120 160', 200, '120 160', 200"
    })
    void stepsAreSharedUpToTheFirstEpochWithAnotherRate(
            String which, int epochs, String milestones, int others, String otherMilestones, int shared) {
        PretrainConfig config = config(epochs, Schedule.STEP, milestones, 1);
        PretrainConfig other = config(others, Schedule.STEP, otherMilestones, 1);
        assertThat(config.epochsSharedWith(other)).as(which).isEqualTo(shared);
        assertThat(other.epochsSharedWith(config)).as(which).isEqualTo(shared);
        assertThat(config.continues()).isTrue();
    }

    @Test
    void aCosineDependsOnTheNumberOfEpochs() {
        for (Schedule schedule : List.of(Schedule.COSINE, Schedule.COSINE_BY_STEP)) {
            PretrainConfig config = config(200, schedule, "", 1);
            assertThat(config.continues()).isFalse();
            assertThat(config.epochsSharedWith(config(100, schedule, "", 1))).isZero();
            assertThat(config.epochsSharedWith(config(200, schedule, "", 1))).isEqualTo(200);
            assertThat(config.equalsButForLength(config(100, schedule, "", 1))).isTrue();
        }
    }

    @Test
    void anyOtherFieldMakesOtherSteps() {
        PretrainConfig config = config(200, Schedule.STEP, "", 1);
        assertThat(config.epochsSharedWith(config.withSeed(2))).isZero();
        assertThat(config.epochsSharedWith(config(100, Schedule.STEP, "", 2))).isZero();
        assertThat(config.epochsSharedWith(config(200, Schedule.COSINE, "", 1))).isZero();
        assertThat(config.equalsButForLength(config(200, Schedule.COSINE, "", 1)))
                .isFalse();
    }

    private static PretrainConfig config(int epochs, Schedule schedule, String milestones, int ranks) {
        return new PretrainConfig(
                Architecture.RESNET50,
                Head.FC,
                128,
                224,
                Augmentation.V1,
                epochs,
                256,
                ranks,
                new Contrast(65536, 0.07, 0.999),
                new Optimizer(
                        0.03,
                        0.9,
                        1e-4,
                        schedule,
                        Stream.of(milestones.split(" "))
                                .filter(milestone -> !milestone.isEmpty())
                                .map(Integer::valueOf)
                                .toList()),
                Precision.FLOAT32,
                0);
    }
}
