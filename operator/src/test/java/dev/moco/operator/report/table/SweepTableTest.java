package dev.moco.operator.report.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.report.Spread;
import dev.moco.operator.report.table.SweepTable.Entry;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SweepTableTest {
    private static final String TOP1 = "top-1, %";

    @Test
    void numbersStandInTheOrderOfTheFieldWithAPlot() {
        SweepTable table = new SweepTable(
                List.of("pretrain.temperature"),
                List.of(entry("c", 77, "0.4"), entry("a", 75, "0.07"), entry("b", 76.1, "0.2"), none("d", "0.5")));
        assertThat(table.lines())
                .containsExactly(
                        "TEMPERATURE   TOP-1, %",
                        "0.07          75.0",
                        "0.2           76.1",
                        "0.4           77.0",
                        "0.5",
                        "d: pretrain is not done",
                        "",
                        "top-1, % over temperature",
                        "0.07   ●" + " ".repeat(42) + "75.0",
                        "0.2    " + "·".repeat(21) + "●" + " ".repeat(21) + "76.1",
                        "0.4    " + "·".repeat(39) + "●   77.0");
    }

    @Test
    void experimentsThatDifferInASeedAreOneRow() {
        SweepTable table = new SweepTable(
                List.of("pretrain.temperature", "pretrain.seed"),
                List.of(
                        entry("a", 75, "0.1", "0"),
                        entry("b", 76, "0.1", "1"),
                        entry("c", 77, "0.2", "0"),
                        none("d", "0.2", "1")));
        assertThat(table.table().keys()).containsExactly("temperature");
        assertThat(table.table().rows())
                .extracting(row -> row.keys().get(0) + ": " + row.cells().get(0).oursText() + ", "
                        + row.cells().get(0).countText())
                .containsExactly("0.1: 75.5±0.7, 2", "0.2: 77.0, 1");
    }

    @Test
    void seedsAloneAreRowsWithTheirMeanBelow() {
        SweepTable table = new SweepTable(
                List.of("pretrain.seed"), List.of(entry("a", 75.06, "0"), entry("b", 76.04, "1"), none("c", "2")));
        assertThat(table.lines())
                .startsWith(
                        "SEED   TOP-1, %",
                        "0      75.1",
                        "1      76.0",
                        "2",
                        "top-1, % of all seeds: 75.6±0.7",
                        "c: pretrain is not done");
    }

    @Test
    void aSecondFieldIsALineOfThePlot() {
        SweepTable table = new SweepTable(
                List.of("pretrain.temperature", "pretrain.mlp"),
                List.of(
                        entry("a", 60, "0.1", "false"),
                        entry("b", 62, "0.1", "true"),
                        entry("c", 61, "0.2", "false"),
                        none("d", "0.2", "true")));
        ResultsTable plot = table.plot().orElseThrow();
        assertThat(plot.columns()).containsExactly("mlp false", "mlp true");
        assertThat(plot.rows())
                .extracting(row -> row.keys() + " "
                        + row.cells().stream().map(ResultsTable.Cell::oursText).toList())
                .containsExactly("[0.1] [60.0, 62.0]", "[0.2] [61.0, ]");
        String html = table.html();
        assertThat(html)
                .contains(
                        "<svg",
                        "mlp false",
                        "mlp true",
                        "<th scope=\"col\">temperature</th>",
                        "<th scope=\"row\">0.1</th>");
        assertThat(html).doesNotContain("paper");
    }

    @Test
    void wordsArePointsAtEqualDistances() {
        SweepTable table = new SweepTable(
                List.of("pretrain.method"), List.of(entry("a", 75, "SimCLR"), entry("b", 76, "MoCo <2>")));
        assertThat(table.table().rows()).extracting(row -> row.keys().get(0)).containsExactly("SimCLR", "MoCo <2>");
        assertThat(table.html())
                .contains("<circle", "MoCo &lt;2&gt;", "top-1, %: at most 76.0, at method MoCo &lt;2&gt;.")
                .doesNotContain("<polyline");
    }

    @Test
    void fieldsOfOneNameKeepTheirPaths() {
        SweepTable table = new SweepTable(
                List.of("pretrain.epochs", "linear.epochs"), List.of(none("a", "1", "2"), none("b", "2", "2")));
        assertThat(table.table().keys()).containsExactly("pretrain.epochs", "linear.epochs");
        assertThat(table.plot()).isEmpty();
        assertThat(table.lines()).hasSize(5);
    }

    private static Entry entry(String name, double top1, String... values) {
        return new Entry(name, List.of(values), Map.of(TOP1, new Spread(top1, 0, 1)), "");
    }

    private static Entry none(String name, String... values) {
        return new Entry(name, List.of(values), Map.of(), "pretrain is not done");
    }
}
