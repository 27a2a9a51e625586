package dev.moco.operator.report.table;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.report.PublishedTable;
import dev.moco.operator.report.Significance;
import dev.moco.operator.report.Spread;
import dev.moco.operator.report.table.ResultsTable.Cell;
import dev.moco.operator.report.table.ResultsTable.Missing;
import dev.moco.operator.report.table.ResultsTable.Row;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TableFormsTest {
    private static final ResultsTable TABLE = new ResultsTable(
            "Table <1>",
            List.of("T", "MLP"),
            List.of("top-1, %", "AP_50"),
            List.of(
                    new Row(
                            List.of("0.1", "✓"),
                            List.of(
                                    new Cell(new Spread(67.41, 0.12, 3), 67.5, Significance.WITHIN, ""),
                                    new Cell(new Spread(80, 0, 1), 82.4, Significance.OUTSIDE, ""))),
                    new Row(
                            List.of("0.2", ""),
                            List.of(
                                    new Cell(null, 64.9, Significance.NONE, ""),
                                    new Cell(new Spread(50, 0, 1), null, Significance.NONE, "~")))),
            List.of(new Missing("0.2 & more", List.of("top-1, %"), 424.0, "GPU-hours")),
            List.of("x|y: another data set <b>"),
            true);

    @Test
    void text() {
        assertThat(TableText.of(TABLE)).isEqualTo("""
                Table <1>

                T             MLP   top-1, %  AP_50
                0.1             ✓   67.4±0.1   80.0
                  paper                 67.5   82.4
                  difference            -0.1  -2.4!
                  runs                     3      1
                0.2                           ~50.0
                  paper                 64.9
                  difference
                  runs                            1

                ! outside the published spread

                Missing:
                  0.2 & more: top-1, %: 424.0 GPU-hours

                x|y: another data set <b>
                """);
    }

    @Test
    void markdown() {
        assertThat(TableMarkdown.of(TABLE)).isEqualTo("""
                ## Table &lt;1>

                | T | MLP | top-1, % | AP_50 |
                |---|---|---|---|
                | 0.1 | ✓ | 67.4±0.1 (67.5, -0.1, within, n=3) | 80.0 (82.4, -2.4, outside) |
                | 0.2 |  | – (64.9) | ~50.0 |

                Missing:

                - 0.2 & more: top-1, %: 424.0 GPU-hours

                x\\|y: another data set &lt;b>
                """);
    }

    @Test
    void csv() {
        assertThat(TableCsv.of(TABLE)).isEqualTo("""
                T,MLP,column,ours,deviation,runs,mark,paper,difference,spread
                0.1,✓,"top-1, %",67.41,0.12,3,,67.5,-0.09,within
                0.1,✓,AP_50,80.0,,1,,82.4,-2.4,outside
                0.2,,"top-1, %",,,,,64.9,,
                0.2,,AP_50,50.0,,1,~,,,
                """);
    }

    @Test
    void latex() {
        assertThat(TableLatex.of(TABLE)).isEqualTo("""
                % Table <1>
                \\begin{tabular}{llrrrrrr}
                \\hline
                 &  & \\multicolumn{3}{c}{top$-$1, \\%} & \\multicolumn{3}{c}{AP\\_50} \\\\
                T & MLP & ours & paper & diff. & ours & paper & diff. \\\\
                \\hline
                0.1 & $\\surd$ & 67.4$\\pm$0.1 & 67.5 & $-$0.1 & 80.0 & 82.4 & \\textbf{$-$2.4} \\\\
                0.2 &  &  & 64.9 &  & $\\sim$50.0 &  &  \\\\
                \\hline
                \\end{tabular}
                % missing: 0.2 & more: top-1, %: 424.0 GPU-hours
                % x|y: another data set <b>
                """);
    }

    @Test
    void htmlEscapesAndDrawsBothLines() {
        String html = TableHtml.of(TABLE);
        assertThat(html)
                .contains(
                        "<h1>Table &lt;1&gt;</h1>",
                        "<p>x|y: another data set &lt;b&gt;</p>",
                        "<p>0.2 &amp; more: top-1, %: 424.0 GPU-hours</p>",
                        "<td class=\"right\">67.4±0.1<small>n&#x3D;3, paper 67.5, -0.1 within</small></td>",
                        "<td class=\"wrong\">80.0<small>paper 82.4, -2.4 outside</small></td>",
                        "<td><small>paper 64.9</small></td>")
                .doesNotContain("set <b>", "<1>");
        // The paper's line of the first column has two points; the second column has one of the paper's and two of
        // ours.
        assertThat(html.split("<polyline", -1)).hasSize(1 + 4);
        assertThat(html.split("<polyline class=\"c[01] dashed\"", -1)).hasSize(1 + 2);
        assertThat(html.split("<circle", -1)).hasSize(1 + 3);
    }

    @Test
    void aTableWithoutAnAxisHasNoPlot() {
        assertThat(TableHtml.of(PublishedTable.TABLE_1.with(List.of()))).doesNotContain("<svg");
        assertThat(TableHtml.of(PublishedTable.TEMPERATURE.with(List.of()))).contains("<svg", "paper dashed");
    }

    @ParameterizedTest
    @EnumSource
    void textFitsATerminal(PublishedTable table) {
        assertThat(TableText.of(table.with(List.of())).lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(80));
    }
}
