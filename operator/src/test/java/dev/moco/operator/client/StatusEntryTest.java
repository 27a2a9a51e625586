package dev.moco.operator.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.report.PaperRow;
import dev.moco.operator.report.Spread;
import dev.moco.operator.report.TableEntry;
import dev.moco.operator.report.TableMetric;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StatusEntryTest {
    @Test
    void numbersAreReadFromTheStatus() {
        TableEntry entry = StatusEntry.of(TestResources.succeeded());
        assertThat(entry.row().map(PaperRow::name)).contains("(d)");
        assertThat(entry.numbers())
                .containsEntry(TableMetric.TOP1, new Spread(67.4, 0, 1))
                .containsEntry(TableMetric.AP50, new Spread(82.5, 0.1, 5))
                .hasSize(2);
        assertThat(entry.cost()).isEmpty();
        assertThat(entry.notes()).isEmpty();
    }

    @Test
    void costsAreReadWithTheirUnits() {
        TableEntry entry = StatusEntry.of(TestResources.table1("d", """
                status:
                  conditions:
                    - {type: Reproduced, status: Unknown, reason: OtherDataSet, message: row (d) on another data set}
                  results:
                    - {metric: Measured on, value: "8 x GPU, float32, batch 256"}
                  metrics:
                    - {name: linear.top1.best, value: 67.4, unit: "%", epoch: 97, paper: 67.5}
                    - {name: pretrain.gpu.memory.used, value: 6.1, unit: GiB}
                    - {name: pretrain.200epochs.projected, value: 50.5, unit: h}
                """));
        assertThat(entry.numbers()).isEmpty();
        assertThat(entry.notes()).containsExactly("row (d) on another data set");
        assertThat(entry.cost()).hasValueSatisfying(cost -> {
            assertThat(cost.gib()).isEqualTo(6.1);
            assertThat(cost.bound()).isTrue();
            assertThat(cost.hours()).isEqualTo(50.5);
            assertThat(cost.projected()).isTrue();
            assertThat(cost.conditions()).isEqualTo("8 x GPU, float32, batch 256");
        });
    }

    /** The texts of a status are for people: what they say may change. */
    @Test
    void aNumberIsTakenFromTheMetricsAndNotFromItsText() {
        TableEntry entry = StatusEntry.of(TestResources.table1("d", """
                status:
                  results:
                    - {metric: "Linear top-1, best epoch (98)", value: "about 67", paper: "67.5"}
                  metrics:
                    - {name: linear.top1.best, value: 67.38, unit: "%", paper: 67.5}
                    - {name: detect.voc07.ap, value: 57.04, unit: "%", std: 0.21, trials: 5}
                """));
        assertThat(entry.numbers()).containsOnly(Map.entry(TableMetric.TOP1, new Spread(67.38, 0, 1)));
    }

    @Test
    void aSpecOfAnotherVersionIsNoted() {
        assertThat(StatusEntry.of(TestResources.view("metadata: {name: newer}\nspec: {unheard: of}"))
                        .notes())
                .containsExactly("of another version");
    }
}
