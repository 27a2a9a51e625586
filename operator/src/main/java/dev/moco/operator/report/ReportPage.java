package dev.moco.operator.report;

import dev.moco.operator.report.page.Block;
import dev.moco.operator.report.page.Page;
import dev.moco.operator.report.page.Page.Fact;
import dev.moco.operator.report.page.Page.Problem;
import dev.moco.operator.report.page.Page.Section;
import dev.moco.operator.report.page.Page.Table;
import dev.moco.operator.report.page.Page.TableCell;
import dev.moco.operator.report.page.Page.TableRow;
import dev.moco.operator.report.page.Page.Tile;
import java.util.ArrayList;
import java.util.List;

/** The page of one experiment. */
final class ReportPage {
    private ReportPage() {}

    static Page of(ReportInput input) {
        List<Section> sections = new ArrayList<>();
        sections.add(new Section("Results", List.of(Block.tiles(tiles(input)), Block.table(results(input)))));
        sections.add(ConfigurationSection.of(input));
        sections.add(CurveSection.pretraining(input));
        sections.add(ViewSection.of(input));
        sections.add(CurveSection.linear(input));
        sections.addAll(ValidationSection.of(input));
        sections.addAll(DetectionSection.of(input));
        sections.add(new Section("Cost of pre-training", List.of(Block.facts(costs(input)))));
        sections.add(ProvenanceSection.of(input));
        return new Page(input.experiment().name(), MarkdownReport.lead(input), problems(input), sections);
    }

    static List<Problem> problems(ReportInput input) {
        return input.failures().stream()
                .map(failure -> new Problem(failure.task() + " failed", failure.reason()))
                .toList();
    }

    private static List<Tile> tiles(ReportInput input) {
        return ResultRow.accuracies(input).stream()
                .map(row -> new Tile(row.metric(), row.value(), compared(row)))
                .toList();
    }

    private static String compared(ResultRow row) {
        List<String> notes = new ArrayList<>();
        if (!row.gain().isEmpty()) {
            notes.add(row.gain() + " over untrained");
        }
        if (!row.difference().isEmpty()) {
            notes.add(row.difference() + " to the paper");
        }
        return String.join(", ", notes);
    }

    private static Table results(ReportInput input) {
        return new Table(
                "Results in percent, beside those of the untrained encoder and of the paper",
                List.of("metric", "this run", "untrained", "gain", "paper", "difference"),
                ResultRow.accuracies(input).stream()
                        .map(row -> new TableRow(
                                row.metric(),
                                List.of(
                                        TableCell.of(row.value()),
                                        TableCell.of(row.untrained()),
                                        TableCell.of(row.gain()),
                                        TableCell.of(row.paper()),
                                        new TableCell(
                                                row.difference(),
                                                row.significance().kind(),
                                                ""))))
                        .toList());
    }

    private static List<Fact> costs(ReportInput input) {
        return ResultRow.costs(input).stream()
                .map(row -> new Fact(row.metric(), row.value()))
                .toList();
    }
}
