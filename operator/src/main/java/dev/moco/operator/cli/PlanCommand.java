package dev.moco.operator.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.moco.artifacts.StepTimes;
import dev.moco.contract.Experiment;
import dev.moco.contract.Stage;
import dev.moco.operator.client.StoreChoice;
import dev.moco.operator.local.Capacity;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.ReportFiles;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.PretrainText;
import dev.moco.operator.report.StatusReport;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code moco plan}: lists the stages that a run would execute, with reasons. */
@Command(
        name = "plan",
        mixinStandardHelpOptions = true,
        description = {
            "Lists an experiment's stages, their keys, which are committed, and why the others run.",
            "FILE: as `moco run FILE` would run it on this machine.",
            "-f FILE: as the cluster would after `kubectl apply -f FILE`, with the artifacts in its store; nothing is applied."
        })
final class PlanCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..1",
            description = "The experiment: a MoCoExperiment, YAML or JSON; planned for this machine.")
    @Nullable
    Path file;

    @Option(
            names = {"-f", "--filename"},
            paramLabel = "FILE",
            description = "The experiment, planned for the cluster.")
    @Nullable
    Path forCluster;

    @Option(
            names = {"-o", "--output"},
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
    PlanFormat output = PlanFormat.text;

    @Option(
            names = "--price",
            paramLabel = "AMOUNT",
            description =
                    "Price of an hour of one GPU, or of this machine if it has none, in any currency: the plan says"
                            + " what its known times cost.")
    @Nullable
    Double price;

    @Option(names = "--data-root", paramLabel = "DIR", description = "With -f: local mount of the cluster's data root.")
    @Nullable
    Path dataRoot;

    @Option(
            names = "--endpoint",
            paramLabel = "URL",
            description = "With -f: URL of its S3 from here, if it differs from the URL within the cluster.")
    @Nullable
    String endpoint;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    WorkOptions options;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    DevicesOption devices;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ClusterOptions cluster;

    /** Output formats. */
    enum PlanFormat {
        text,
        json,
        yaml
    }

    @Override
    public Integer call() throws Exception {
        if ((file == null) == (forCluster == null)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "one experiment must be given: FILE to plan for this machine, or -f FILE for the cluster");
        }
        if (price != null && (forCluster != null || !(price >= 0))) {
            throw new ParameterException(
                    spec.commandLine(), "--price must be 0 or more, and is for this machine, found " + price);
        }
        if (forCluster != null) {
            return ClusterPlanCommand.call(
                    cluster.target(), forCluster, dataRoot, new StoreChoice(options.store, endpoint), output);
        }
        if (cluster.given() || dataRoot != null || endpoint != null) {
            throw new ParameterException(
                    spec.commandLine(), "FILE is planned for this machine; for a cluster use -f FILE");
        }
        return here(Objects.requireNonNull(file));
    }

    private int here(Path experimentFile) throws IOException {
        Experiment experiment = ExperimentFile.read(experimentFile);
        WorkFolder work = new WorkFolder(options.work);
        try (LocalStore store = LocalStore.open(work, options.store, experiment)) {
            Decision decision =
                    new LocalObservations(experiment, store.artifacts(), store.remote()).decide(Instant.now());
            Capacity capacity = devices.machine().capacity();
            StepTimes times = new StepTimes(work.root());
            List<PlanLine> lines = new ArrayList<>();
            for (PlannedTask task : decision.tasks()) {
                lines.add(PlanLine.here(task, decision, experiment, capacity, times, store.artifacts()));
            }
            PlanCost cost = PlanCost.of(lines, price);
            if (output == PlanFormat.text) {
                print(lines);
                printPretrain(experiment);
                printTimes(lines);
                cost.text().ifPresent(System.out::println);
            } else {
                printDocument(experiment, lines, cost, output);
            }
            capacity.check(decision, experiment);
            return decision.exitCode();
        }
    }

    static void printDocument(Experiment experiment, List<PlanLine> lines, @Nullable PlanCost cost, PlanFormat format)
            throws IOException {
        PlanOutput plan = new PlanOutput(
                experiment.name(), experiment.pretrain().map(PretrainText::of).orElse(null), lines, cost);
        String text = format == PlanFormat.yaml ? ReportFiles.yaml(plan) : ReportFiles.json(plan);
        System.out.println(text.stripTrailing());
    }

    static void printPretrain(Experiment experiment) {
        experiment.pretrain().ifPresent(config -> System.out.println("Pre-training: " + PretrainText.of(config) + "."));
    }

    private static void print(List<PlanLine> lines) {
        String form = "%-17s %-8s %-13s %8s %8s %9s %8s %9s  %s%n";
        System.out.printf(form, "STAGE", "STATE", "KEY", "MEMORY", "GPU MEM", "STEPS", "A STEP", "TIME", "WHY");
        for (PlanLine line : lines) {
            System.out.printf(
                    form,
                    line.name(),
                    line.state(),
                    line.key() == null ? "-" : line.key().substring(0, 12),
                    PlanLine.mib(line.memoryMib()),
                    PlanLine.mib(line.gpuMemoryMib()),
                    line.steps() == null ? "-" : line.steps(),
                    line.stepSeconds() == null ? "-" : String.format(Locale.ROOT, "%.2fs", line.stepSeconds()),
                    line.seconds() == null ? "-" : StatusReport.eta(line.seconds()),
                    line.reason());
        }
    }

    private static void printTimes(List<PlanLine> lines) {
        String unmeasured = lines.stream()
                .filter(line -> line.memoryMib() != null && line.seconds() == null)
                .filter(line -> !Stage.of(line.stage()).readsRawData())
                .map(PlanLine::name)
                .collect(Collectors.joining(", "));
        double seconds = lines.stream()
                .map(PlanLine::seconds)
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

    /**
     * The whole answer.
     *
     * @param pretrain method and fields of pre-training; null without it
     * @param left what is left, as far as it is known; null for a cluster
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record PlanOutput(
            String experiment,
            @Nullable String pretrain,
            List<PlanLine> stages,
            @Nullable PlanCost left) {}
}
