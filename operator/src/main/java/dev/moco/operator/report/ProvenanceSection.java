package dev.moco.operator.report;

import dev.moco.contract.Manifest;
import dev.moco.operator.report.page.Block;
import dev.moco.operator.report.page.Page.Fact;
import dev.moco.operator.report.page.Page.Section;
import dev.moco.operator.report.page.Page.Table;
import dev.moco.operator.report.page.Page.TableRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Keys, times, versions and hardware, and what is not shown. */
final class ProvenanceSection {
    private static final int DIGITS = 12;

    private ProvenanceSection() {}

    static Section of(ReportInput input) {
        List<Block> blocks = new ArrayList<>();
        input.missing().forEach(log -> blocks.add(Block.text("Not shown: " + log + ".")));
        blocks.add(Block.table(new Table(
                "Tasks with the first digits of their keys and digests",
                List.of("task", "key", "digest", "seed", "started", "time", "peak memory", "GPU-hours"),
                input.runs().stream().map(ProvenanceSection::row).toList())));
        blocks.add(Block.facts(MarkdownReport.facts(input).entrySet().stream()
                .map(fact -> new Fact(fact.getKey(), fact.getValue()))
                .toList()));
        return new Section("Provenance", blocks);
    }

    private static TableRow row(ReportInput.Run run) {
        Manifest manifest = run.manifest();
        return TableRow.of(
                run.task(),
                List.of(
                        manifest.key().substring(0, DIGITS),
                        manifest.digest().substring(0, DIGITS),
                        Long.toString(manifest.config().seed()),
                        manifest.provenance().started().toString().substring(0, 19) + "Z",
                        MarkdownReport.duration(manifest),
                        manifest.provenance().peakRssMib() + " MiB",
                        String.format(Locale.ROOT, "%.2f", manifest.provenance().gpuSeconds() / 3600)));
    }
}
