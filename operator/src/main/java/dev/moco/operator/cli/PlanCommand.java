package dev.moco.operator.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.Observer;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.PlannedTask.State;
import dev.moco.operator.read.ExperimentFile;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moco plan}: what a run would do, and why. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = "Lists an experiment's stages, their keys, which are committed, and why the others run.")
final class PlanCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ExperimentOptions options;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
    Output output = Output.text;

    /** Forms of the answer, as they are typed. */
    enum Output {
        text,
        json
    }

    /** A stage on the wire; files are there once it is committed. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Line(
            String name,
            String stage,
            String state,
            @Nullable String key,
            String reason,
            @Nullable String digest,
            @Nullable List<FileEntry> files) {
        static Line of(PlannedTask task) {
            return new Line(
                    task.task().name(),
                    task.task().stage().id(),
                    word(task.state()),
                    task.key().orElse(null),
                    task.reason(),
                    task.manifest().map(Manifest::digest).orElse(null),
                    task.manifest().map(Manifest::files).orElse(null));
        }

        private static String word(State state) {
            return state == State.DONE ? "Hit" : state == State.BLOCKED ? "Blocked" : "Run";
        }
    }

    @Override
    public Integer call() throws Exception {
        Experiment experiment = ExperimentFile.read(options.file);
        WorkFolder work = new WorkFolder(options.work);
        try (LocalStore store = LocalStore.open(work, options.store, experiment)) {
            Decision decision = new Observer(experiment, store.artifacts(), store.remote()).decide(Instant.now());
            List<Line> lines = decision.tasks().stream().map(Line::of).toList();
            if (output == Output.json) {
                System.out.println(JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(new Answer(experiment.name(), lines)));
            } else {
                System.out.printf("%-17s %-8s %-13s %s%n", "STAGE", "STATE", "KEY", "WHY");
                for (Line line : lines) {
                    String key = line.key() == null ? "-" : line.key().substring(0, 12);
                    System.out.printf(
                            Locale.ROOT, "%-17s %-8s %-13s %s%n", line.name(), line.state(), key, line.reason());
                }
            }
            return decision.exitCode();
        }
    }

    /** The whole answer. */
    record Answer(String experiment, List<Line> stages) {}
}
