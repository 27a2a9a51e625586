package dev.moco.operator.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moco.contract.PretrainConfig;
import dev.moco.operator.report.table.ResultsTable;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Missing;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class PublishedTableTest {
    @ParameterizedTest
    @EnumSource
    void withoutExperimentsEveryCellIsMissing(PublishedTable layout) {
        ResultsTable table = layout.with(List.of());
        assertThat(table.rows()).allSatisfy(row -> {
            assertThat(row.keys()).hasSameSizeAs(table.keys());
            assertThat(row.cells())
                    .hasSameSizeAs(table.columns())
                    .allSatisfy(cell -> assertThat(cell.ours()).isNull());
        });
        int cells =
                table.missing().stream().mapToInt(row -> row.columns().size()).sum();
        assertThat(cells).isEqualTo(table.rows().size() * table.columns().size());
    }

    @ParameterizedTest(name = "{0}: row {1}, column {2} is {3}")
    @CsvSource({
        "TABLE_1, 0, 0, 76.5",
        "TABLE_1, 1, 0, 60.6",
        "TABLE_1, 6, 3, 64.0",
        "TABLE_2, 1, 0, 61.9",
        "TABLE_2, 2, 0, 66.6",
        "TABLE_2, 4, 0, 69.3",
        "TABLE_3, 0, 0, 5.0",
        "TABLE_3, 1, 1, 65.0",
        "TABLE_3, 2, 0, 93.0",
        "TEMPERATURE, 0, 0, 60.6",
        "TEMPERATURE, 2, 1, 66.2",
        "TEMPERATURE, 5, 1, 64.3"
    })
    void thePapersNumbersAreInTheirCells(PublishedTable layout, int row, int column, double paper) {
        assertThat(cell(layout.with(List.of()), row, column).paper()).isEqualTo(paper);
    }

    @ParameterizedTest(name = "top-1 {0}: {1}")
    @CsvSource({"67.0, WITHIN", "66.96, WITHIN", "66.94, OUTSIDE", "68.0, WITHIN", "68.1, OUTSIDE"})
    void aNumberIsWithinThePublishedSpreadOrNot(double top1, Significance significance) {
        Cell cell = cell(PublishedTable.TABLE_1.with(List.of(entry("x", "(d)", top1))), 5, 0);
        assertThat(cell.significance()).isEqualTo(significance);
        assertThat(cell.difference()).isCloseTo(top1 - 67.5, within(1e-9));
    }

    @Test
    void seedsAreOneCellWithTheirSpread() {
        Cell cell = cell(
                PublishedTable.TABLE_1.with(
                        List.of(entry("s0", "(d)", 67.2), entry("s1", "(d)", 67.5), entry("s2", "(d)", 67.8))),
                5,
                0);
        assertThat(Objects.requireNonNull(cell.ours()).mean()).isCloseTo(67.5, within(1e-9));
        assertThat(cell.ours().deviation()).isCloseTo(0.3, within(1e-9));
        assertThat(cell.ours().count()).isEqualTo(3);
    }

    /** Trials of detection are of one encoder: with several seeds, each counts with its mean. */
    @Test
    void trialsAndSeedsAreNotMixed() {
        TableEntry one = entry("s0", "(d)", Map.of(TableMetric.AP, new Spread(57.0, 0.4, 5)), OptionalDouble.empty());
        TableEntry two = entry("s1", "(d)", Map.of(TableMetric.AP, new Spread(57.4, 0.4, 5)), OptionalDouble.empty());
        assertThat(cell(PublishedTable.TABLE_1.with(List.of(one)), 5, 2).ours()).isEqualTo(new Spread(57.0, 0.4, 5));
        Spread both = Objects.requireNonNull(
                cell(PublishedTable.TABLE_1.with(List.of(one, two)), 5, 2).ours());
        assertThat(both.count()).isEqualTo(2);
        assertThat(both.deviation()).isCloseTo(Math.sqrt(0.08), within(1e-9));
    }

    @Test
    void aRowOfSeveralTablesIsInAllOfThem() {
        List<TableEntry> entries = List.of(entry("x", "(a)", 66.0), entry("y", "MoCo v1", 60.5));
        assertThat(cell(PublishedTable.TABLE_1.with(entries), 2, 0).ours()).isNotNull();
        assertThat(cell(PublishedTable.TEMPERATURE.with(entries), 2, 1).ours()).isNotNull();
        assertThat(cell(PublishedTable.TEMPERATURE.with(entries), 0, 0).ours()).isNotNull();
        assertThat(cell(PublishedTable.TABLE_2.with(entries), 0, 0).ours()).isNotNull();
        assertThat(PublishedTable.TABLE_2.with(entries).notes())
                .containsExactly("x: row (a) of Table 1, which is not in this table");
    }

    @Test
    void missingCellsHaveTheirCost() {
        TableEntry planned = entry("d", "(d)", Map.of(), OptionalDouble.of(12.5));
        TableEntry unmeasured = entry("e", "(e)", Map.of(), OptionalDouble.empty());
        assertThat(PublishedTable.TABLE_1.with(List.of(planned, unmeasured)).missing())
                .extracting(Missing::text)
                .contains(
                        "supervised: top-1, %, AP50, AP, AP75: unknown cost",
                        "(d): top-1, %, AP50, AP, AP75: 12.5 hours on this machine by the plan's forecast",
                        "(e): top-1, %, AP50, AP, AP75: 1696.0 GPU-hours for the pre-training, by the paper's time on 8"
                                + " V100");
        assertThat(PublishedTable.TABLE_3.with(List.of()).missing())
                .extracting(Missing::hours)
                .containsExactly(424.0, 520.0, null);
    }

    @Test
    void costsAreOfTheSameStepsWhateverTheHead() {
        PretrainConfig v1 = row("MoCo v1").pretrain().withSeed(7);
        ResultsTable table = PublishedTable.TABLE_3.with(List.of(
                cost("v1", new TableCost(v1, 4.9, false, 50, true, "8 x A100")),
                cost("big", new TableCost(PaperConfigs.endToEnd(4096), 70.2, true, 40, false, "8 x H100")),
                cost("other", new TableCost(PaperConfigs.simClr(256, 200), 9.0, false, 30, false, "8 x H100"))));
        assertThat(table.rows().get(0).cells()).extracting(Cell::oursText).containsExactly("4.9", "~50.0");
        assertThat(table.rows().get(1).cells()).extracting(Cell::oursText).containsExactly("", "");
        assertThat(table.rows().get(2).cells()).extracting(Cell::oursText).containsExactly("≤70.2", "40.0");
        assertThat(table.rows().get(2).cells().get(0).significance()).isEqualTo(Significance.NONE);
        assertThat(table.notes()).contains("v1: 8 x A100", "other: 8 x H100, the steps of no row");
    }

    private static Cell cell(ResultsTable table, int row, int column) {
        return table.rows().get(row).cells().get(column);
    }

    private static PaperRow row(String name) {
        return PaperTables.all().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static TableEntry entry(String name, String row, double top1) {
        return entry(name, row, Map.of(TableMetric.TOP1, new Spread(top1, 0, 1)), OptionalDouble.empty());
    }

    private static TableEntry entry(
            String name, String row, Map<TableMetric, Spread> numbers, OptionalDouble hoursLeft) {
        return new TableEntry(
                name, Optional.of(row(row)), numbers, Optional.empty(), !numbers.isEmpty(), hoursLeft, List.of());
    }

    private static TableEntry cost(String name, TableCost cost) {
        return new TableEntry(
                name, Optional.empty(), Map.of(), Optional.of(cost), true, OptionalDouble.empty(), List.of("no row"));
    }
}
