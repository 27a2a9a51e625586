package dev.moco.operator.cli;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.operator.client.SweepView;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.PretrainCheckpoints;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.spec.CheckpointExperiment;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
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

/** {@code moco eval}: evaluates checkpoints of pre-trainings. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = {
            "Evaluates checkpoints of the pre-training of experiments, by their own linear classification and detection."
                    + " Without --epoch, lists the checkpoints that there are. Several end with a table and a plot over the"
                    + " epochs.",
            "spec.retention.checkpoints says which are kept. Each epoch is an experiment of its own, with"
                    + " spec.encoder.from in place of spec.pretrain: -o yaml prints it, for a cluster."
        })
final class EvalCommand implements Callable<Integer> {
    private static final String ALL = "all";

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Option(
            names = "--epoch",
            paramLabel = "N",
            split = ",",
            description = "Epochs, such as 50,100: the checkpoints after so many; all for all that there are.")
    @Nullable
    List<String> epochs;

    @Option(
            names = "--stage",
            paramLabel = "STAGE",
            split = ",",
            description = "${COMPLETION-CANDIDATES}. Default: linear and detect, as far as an experiment has them."
                    + " knn is the monitor spec.pretrain.knn, also where it was off.")
    @Nullable
    List<Evaluation> stages;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = "${COMPLETION-CANDIDATES}: print the experiments and run nothing.")
    @Nullable
    ExperimentFormat output;

    @Parameters(paramLabel = "NAME|FILE", arity = "1..*", description = WorkOptions.NAME_OR_FILE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    List<String> experiments;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    RunOptions options;

    /** Stages that evaluate an encoder. */
    enum Evaluation {
        linear,
        detect,
        knn
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant start = Instant.now();
        if (output != null && epochs == null) {
            throw new ParameterException(spec.commandLine(), "-o prints the experiments of --epoch, which is missing");
        } else if (output != null && wanted().contains(Stage.KNN)) {
            throw StageFailure.badConfig("knn is computed on this machine, as no field of an experiment asks for it");
        }
        List<Source> sources = options.options.sources(experiments);
        List<Source> evaluated = new ArrayList<>();
        List<List<String>> rows = new ArrayList<>();
        for (Source source : sources) {
            PretrainCheckpoints kept = kept(source, start);
            String name = source.experiment().name();
            if (epochs == null) {
                kept.byEpoch().forEach((epoch, at) -> System.out.println(name + "  epoch " + epoch + "  " + at));
                continue;
            }
            for (int epoch : numbers(epochs, kept)) {
                evaluated.add(CheckpointExperiment.of(source, kept.of(epoch), epoch, wanted()));
                rows.add(List.of(Integer.toString(epoch), name).subList(0, sources.size() == 1 ? 1 : 2));
            }
        }
        if (output != null) {
            output.print(evaluated);
        } else if (epochs != null) {
            List<String> fields = List.of("epoch", "experiment").subList(0, sources.size() == 1 ? 1 : 2);
            return options.run(
                    evaluated, start, views -> Optional.of(SweepView.of(views, fields, rows)), decisions -> {});
        }
        return ExitCode.DONE;
    }

    private static SortedSet<Integer> numbers(List<String> epochs, PretrainCheckpoints kept) {
        SortedSet<Integer> numbers = new TreeSet<>();
        for (String epoch : epochs) {
            if (epoch.equals(ALL)) {
                numbers.addAll(kept.byEpoch().keySet());
            } else if (epoch.matches("\\d{1,6}")) {
                numbers.add(Integer.valueOf(epoch));
            } else {
                throw StageFailure.badConfig("--epoch must be numbers of epochs or " + ALL + ", found " + epoch);
            }
        }
        return numbers;
    }

    private Set<Stage> wanted() {
        return stages == null
                ? EnumSet.of(Stage.LINEAR, Stage.DETECT)
                : stages.stream().map(stage -> Stage.of(stage.name())).collect(Collectors.toSet());
    }

    private PretrainCheckpoints kept(Source source, Instant now) throws IOException {
        WorkFolder work = new WorkFolder(options.options.work);
        try (LocalStore store = LocalStore.open(work, options.options.store, source.experiment())) {
            return PretrainCheckpoints.of(
                    new LocalObservations(source.experiment(), store.artifacts(), store.remote()).decide(now), store);
        }
    }
}
