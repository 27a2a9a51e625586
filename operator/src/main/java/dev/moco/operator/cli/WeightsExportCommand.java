package dev.moco.operator.cli;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageFailure;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moco weights export}: the encoder of an experiment, or of a file, for another program. */
@Command(
        name = "export",
        mixinStandardHelpOptions = true,
        description = {
            "Writes an encoder for another program.",
            "Of an experiment, by its name or its file, whose pre-training is committed in the work folder or in --store; or of a"
                    + " file of weights."
        })
final class WeightsExportCommand implements Callable<Integer> {
    private static final Pattern EXPERIMENT = Pattern.compile("(?i).*\\.(ya?ml|json)");
    /** Name of the encoder in the artifact of a pre-training. */
    private static final String ENCODER = "encoder.safetensors";

    @Parameters(
            paramLabel = "NAME|FILE",
            description = "An experiment that has run here, or its .yaml or .json, or a file of weights.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    String source;

    @Option(
            names = "--to",
            paramLabel = "FORMAT",
            required = true,
            description = "torchvision, timm, detectron2, safetensors or npz.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    String format;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "New file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path out;

    @Option(names = "--head", description = "Keep the head: the projection head of MoCo, or a classifier.")
    boolean head;

    @Option(
            names = "--arch",
            paramLabel = "NAME",
            description = "Architecture of a file of weights. Default: the one whose tensors the file has.")
    @Nullable
    String architecture;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    WorkOptions options;

    @Override
    public Integer call() throws IOException, InterruptedException {
        WorkFolder work = new WorkFolder(options.work);
        boolean ofExperiment = EXPERIMENT.matcher(source).matches() || !ReportCommand.isFile(source);
        Path weights = ofExperiment ? encoder(work) : Path.of(source);
        List<String> arguments =
                new ArrayList<>(List.of("export", weights.toString(), "--to", format, "--out", out.toString()));
        if (head) {
            arguments.add("--head");
        }
        if (architecture != null) {
            arguments.addAll(List.of("--arch", architecture));
        }
        int exitCode = EngineProgram.run(WeightsCommand.MAIN, arguments, Map.of());
        if (exitCode == ExitCode.DONE) {
            System.out.println(out);
        }
        return exitCode;
    }

    /** A verified copy of the encoder that the experiment's pre-training has committed. */
    private Path encoder(WorkFolder work) throws IOException {
        Experiment experiment = ReportCommand.isFile(source)
                ? ExperimentFile.read(Path.of(source))
                : options.sources(List.of(source)).get(0).experiment();
        try (LocalStore store = LocalStore.open(work, options.store, experiment)) {
            Decision decision =
                    new LocalObservations(experiment, store.artifacts(), store.remote()).decide(Instant.now());
            for (PlannedTask task : decision.tasks()) {
                Manifest manifest = task.manifest().orElse(null);
                if (manifest != null
                        && manifest.files().stream()
                                .anyMatch(entry -> entry.path().equals(ENCODER))) {
                    ArtifactReader reader = store.artifacts().reader(manifest, work.cache());
                    return reader.file(ENCODER);
                }
            }
        }
        throw StageFailure.badConfig(source + ": no pre-training of this experiment is committed in "
                + (options.store == null ? work.store() : options.store)
                + "; `moco run` makes it, `moco plan` lists it");
    }
}
