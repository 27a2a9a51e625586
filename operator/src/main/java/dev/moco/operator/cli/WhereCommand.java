package dev.moco.operator.cli;

import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.NearestName;
import dev.moco.contract.StageFailure;
import dev.moco.operator.client.StoredExperiment;
import dev.moco.operator.client.StoredExperiments;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.report.TextTable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moco where}: where the results of a stage are. */
@Command(
        name = "where",
        mixinStandardHelpOptions = true,
        description = {
            "Prints the folder, or the URI, of a stage's results: of an experiment, or of all: of the cluster, of a work folder"
                    + " with --work, of a bucket with --store.",
            "STAGE: as `moco status NAME` lists it, such as pretrain or detect-1, or detect for all trials."
        })
final class WhereCommand implements Callable<Integer> {
    private static final int KEY_DIGITS = 12;

    @Parameters(
            index = "0",
            paramLabel = "NAME|STAGE",
            description = "The experiment; with one argument the stage, of all experiments.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    String first;

    @Parameters(index = "1", arity = "0..1", paramLabel = "STAGE", description = "The stage.")
    @Nullable
    String second;

    @Option(
            names = "--files",
            description = "Print the committed files, one a line and nothing else: encoder.safetensors is the encoder.")
    boolean files;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    PlaceOptions place;

    @Override
    public Integer call() throws IOException {
        String stage = second == null ? first : second;
        try (StoredExperiments store = place.open(false)) {
            List<StoredExperiment> experiments = second == null ? store.all() : List.of(store.one(first));
            List<List<String>> rows = new ArrayList<>();
            TreeSet<String> names = new TreeSet<>();
            for (StoredExperiment experiment : experiments) {
                for (PlannedTask task : experiment.decision().tasks()) {
                    names.add(task.task().name());
                    boolean asked = task.task().name().equals(stage)
                            || task.task().stage().id().equals(stage);
                    if (asked && files) {
                        task.manifest().ifPresent(manifest -> print(manifest, store));
                    } else if (asked) {
                        rows.add(row(experiment, task, store));
                    }
                }
            }
            if (!files && rows.isEmpty()) {
                throw StageFailure.badConfig(
                        names.isEmpty()
                                ? "no experiments in " + store.place()
                                : "no stage \"" + stage + "\"; nearest is \"" + NearestName.of(stage, names)
                                        + "\", known are: " + String.join(", ", names));
            }
            if (!files) {
                new TextTable(List.of("EXPERIMENT", "STAGE", "STATE", "KEY", "PLACE"), rows)
                        .lines()
                        .forEach(System.out::println);
            }
            return ExitCode.DONE;
        }
    }

    private static List<String> row(StoredExperiment experiment, PlannedTask task, StoredExperiments store) {
        return List.of(
                experiment.name(),
                task.task().name(),
                task.state().text(),
                task.key().map(key -> key.substring(0, KEY_DIGITS)).orElse(""),
                task.key()
                        .map(key -> store.locate(ArtifactKey.prefix(task.task().stage(), key)))
                        .orElse(task.reason()));
    }

    private static void print(Manifest manifest, StoredExperiments store) {
        manifest.all()
                .forEach(file -> System.out.println(
                        store.locate(ArtifactKey.prefix(manifest.stage(), manifest.key()) + manifest.object(file))));
    }
}
