package dev.moco.operator.cli;

import dev.moco.contract.ExitCode;
import dev.moco.operator.client.SweepView;
import dev.moco.operator.spec.ExperimentFiles;
import dev.moco.operator.spec.ExperimentFiles.Source;
import dev.moco.operator.spec.Setting;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moco sweep}: runs the variants of experiments on this machine, and compares them. */
@Command(
        name = "sweep",
        mixinStandardHelpOptions = true,
        description = {
            "Runs experiments that differ in a few fields on this machine, those of files or the variants that --set makes of"
                    + " them, and ends with a table and a plot of these fields.",
            "What is committed does not run again, and what they share runs once, as with `moco run`. Variants that differ in a"
                    + " seed are one row, with mean and deviation."
        })
final class SweepCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", arity = "1..*", description = RunOptions.FILE)
    @SuppressWarnings("NullAway.Init") // set by picocli
    List<Path> files;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    RunOptions options;

    @Option(
            names = "--set",
            paramLabel = "FIELD=VALUE,...",
            description =
                    "A field of spec with its values, such as pretrain.temperature=0.1,0.2,0.4; of several --set every"
                            + " combination runs. A variant is named by its values: NAME-temperature-0-1.")
    List<String> settings = List.of();

    @Option(
            names = "--like",
            paramLabel = "EXPERIMENT",
            description =
                    "File of an experiment whose data is taken, and its value of each field that FILE does not state: a"
                            + " recipe of the paper in the sizes of the quickstart.")
    @Nullable
    Path like;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description =
                    "${COMPLETION-CANDIDATES}: print the experiments and run nothing, for Git or `kubectl apply -f -`.")
    @Nullable
    ExperimentFormat output;

    @Override
    public Integer call() throws Exception {
        Instant start = Instant.now();
        List<Source> variants = ExperimentFiles.variants(files, Setting.read(settings), like);
        if (output != null) {
            Sweep.checkNames(variants);
            output.print(variants);
            return ExitCode.DONE;
        }
        return options.run(variants, start, SweepView::of, decisions -> {});
    }
}
