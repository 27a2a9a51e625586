package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.contract.Experiment;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.report.PaperRow;
import dev.moco.operator.report.PaperTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every experiment that is shipped. */
class PipelinesTest {
    private static final Path PIPELINES = Path.of("..", "pipelines");

    @Test
    void everyFileReadsAndPlans() throws IOException {
        try (Stream<Path> files = Files.walk(PIPELINES)) {
            List<Path> experiments =
                    files.filter(file -> file.toString().endsWith(".yaml")).toList();
            assertThat(experiments).hasSizeGreaterThan(6);
            for (Path file : experiments) {
                Decision decision = Plan.decide(
                        ExperimentFile.read(file),
                        new PlanInput(Map.of(), Map.of(), Map.of(), Map.of()),
                        Instant.EPOCH);
                assertThat(decision.tasks()).as(file.toString()).isNotEmpty();
                assertThat(decision.finished()).isFalse();
            }
        }
    }

    @ParameterizedTest(name = "table1/{0}.yaml is row {1}")
    @CsvSource({"v1, MoCo v1", "a, (a)", "b, (b)", "c, (c)", "d, (d)", "e, (e)"})
    void eachFileOfTable1EqualsItsRowOfThePaper(String file, String row) {
        Experiment experiment = ExperimentFile.read(PIPELINES.resolve("table1").resolve(file + ".yaml"));
        assertThat(PaperTables.rowOf(experiment).map(PaperRow::name)).contains(row);
        assertThat(experiment.linear())
                .hasValueSatisfying(linear ->
                        assertThat(PaperTables.isPapers(linear.config())).isTrue());
        assertThat(experiment.detection()).hasValueSatisfying(detection -> {
            assertThat(PaperTables.isPapers(detection.config())).isTrue();
            assertThat(detection.trials()).isEqualTo(5);
        });
    }
}
