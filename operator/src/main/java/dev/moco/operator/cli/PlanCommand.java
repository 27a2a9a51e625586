package dev.moco.operator.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.artifacts.StepTimes;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Stage;
import dev.moco.contract.StageConfig;
import dev.moco.operator.local.Capacity;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.Observer;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Forecast;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.PlannedTask.State;
import dev.moco.operator.read.ExperimentFile;
import dev.moco.operator.report.StatusReport;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
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
            @Nullable Long memoryMib,
            @Nullable Long steps,
            @Nullable Double stepSeconds,
            @Nullable Double seconds,
            @Nullable String digest,
            @Nullable List<FileEntry> files) {
        static Line of(PlannedTask task, Decision decision, Capacity capacity, StepTimes times) {
            Optional<StageConfig> left = task.state() == State.DONE ? Optional.empty() : task.config();
            OptionalLong steps = left.isPresent() ? Forecast.steps(task, decision) : OptionalLong.empty();
            OptionalDouble ofStep = left.map(config -> times.seconds(config, capacity.threads(config)))
                    .orElse(OptionalDouble.empty());
            return new Line(
                    task.task().name(),
                    task.task().stage().id(),
                    word(task.state()),
                    task.key().orElse(null),
                    task.reason(),
                    left.map(capacity::need).orElse(null),
                    steps.isPresent() ? steps.getAsLong() : null,
                    ofStep.isPresent() ? ofStep.getAsDouble() : null,
                    steps.isPresent() && ofStep.isPresent() ? steps.getAsLong() * ofStep.getAsDouble() : null,
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
            Capacity capacity = Capacity.ofThisMachine();
            StepTimes times = new StepTimes(work.root());
            List<Line> lines = decision.tasks().stream()
                    .map(task -> Line.of(task, decision, capacity, times))
                    .toList();
            if (output == Output.json) {
                System.out.println(JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsString(new Answer(experiment.name(), lines)));
            } else {
                print(lines);
            }
            capacity.check(decision);
            return decision.exitCode();
        }
    }

    private static void print(List<Line> lines) {
        String form = "%-17s %-8s %-13s %8s %9s %8s %9s  %s%n";
        System.out.printf(form, "STAGE", "STATE", "KEY", "MEMORY", "STEPS", "A STEP", "TIME", "WHY");
        for (Line line : lines) {
            System.out.printf(
                    form,
                    line.name(),
                    line.state(),
                    line.key() == null ? "-" : line.key().substring(0, 12),
                    line.memoryMib() == null ? "-" : line.memoryMib() + "M",
                    line.steps() == null ? "-" : line.steps(),
                    line.stepSeconds() == null ? "-" : String.format(Locale.ROOT, "%.2fs", line.stepSeconds()),
                    line.seconds() == null ? "-" : StatusReport.eta(line.seconds()),
                    line.reason());
        }
        String unmeasured = lines.stream()
                .filter(line -> line.memoryMib() != null && line.seconds() == null)
                .filter(line -> !line.stage().equals(Stage.PREPARE.id()))
                .map(Line::name)
                .collect(Collectors.joining(", "));
        double seconds = lines.stream()
                .map(Line::seconds)
                .filter(Objects::nonNull)
                .mapToDouble(time -> time)
                .sum();
        if (seconds > 0) {
            System.out.printf(
                    "Steps as measured here take %s one after another%s.%n",
                    StatusReport.eta(seconds), unmeasured.isEmpty() ? "" : ", without " + unmeasured);
        }
        if (!unmeasured.isEmpty()) {
            System.out.println(
                    "Times come from steps measured on this machine, by `moco run` or `moco bench step`, and from"
                            + " the number of images once they are prepared; not known of " + unmeasured + ".");
        }
    }

    /** The whole answer. */
    record Answer(String experiment, List<Line> stages) {}
}
