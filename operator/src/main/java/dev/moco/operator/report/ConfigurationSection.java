package dev.moco.operator.report;

import dev.moco.contract.Experiment;
import dev.moco.contract.PretrainConfig;
import dev.moco.operator.report.page.Block;
import dev.moco.operator.report.page.Page.Fact;
import dev.moco.operator.report.page.Page.Section;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Fields of the stages, with those of the paper's row where they are others. */
final class ConfigurationSection {
    private ConfigurationSection() {}

    static Section of(ReportInput input) {
        Experiment experiment = input.experiment();
        List<Block> blocks = new ArrayList<>();
        experiment.pretrain().ifPresent(config -> {
            PaperRow row =
                    input.paperRow().orElseGet(() -> PaperTables.nearest(config).row());
            blocks.add(Block.text("Pre-training, compared with row " + row.name() + " of the paper's " + row.table()
                    + ": " + differences(config, row.pretrain())));
            blocks.add(facts(config, Optional.of(row.pretrain())));
        });
        Optional<PaperRow> row = input.paperRow();
        experiment.linear().ifPresent(linear -> {
            Optional<Record> papers = row.flatMap(PaperRow::linear).map(config -> config);
            blocks.add(Block.text("Linear classification"));
            blocks.add(facts(linear.config(), papers));
        });
        experiment.detection().ifPresent(detection -> {
            blocks.add(
                    Block.text("Detection, " + detection.trials() + (detection.trials() == 1 ? " trial" : " trials")));
            blocks.add(facts(detection.config(), row.map(papers -> PaperConfigs.detection())));
        });
        return new Section("Configuration", blocks);
    }

    private static String differences(PretrainConfig own, PretrainConfig row) {
        List<String> differences = Differences.between(own.withSeed(0), row.withSeed(0));
        return differences.isEmpty() ? "every field is the same." : String.join("; ", differences) + ".";
    }

    private static Block facts(Record own, Optional<? extends Record> papers) {
        Map<String, String> theirs = papers.map(Differences::fields).orElse(Map.of());
        List<Fact> facts = new ArrayList<>();
        Differences.fields(own).forEach((name, value) -> {
            String other = theirs.getOrDefault(name, value);
            boolean compared = !name.toLowerCase(Locale.ROOT).endsWith("seed");
            facts.add(new Fact(name, value, compared && !other.equals(value) ? "paper " + other : ""));
        });
        return Block.facts(facts);
    }
}
