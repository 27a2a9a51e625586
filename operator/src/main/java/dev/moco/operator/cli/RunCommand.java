package dev.moco.operator.cli;

import dev.moco.operator.spec.ExperimentFiles;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code moco run}: runs experiments on this machine. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs experiments on this machine from where they were left, side by side where there are cores, memory and GPUs.",
            "Several end with the table of all, as of `moco table`; what they share runs once, and one that fails does not"
                    + " keep the others from running. `moco sweep` varies a field."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    RunOptions options;

    @Override
    public Integer call() throws Exception {
        Instant start = Instant.now();
        return options.run(ExperimentFiles.read(options.files), start, false);
    }

    /** Folder of the launcher: a checkout or a release. */
    static Path home() {
        return Path.of(System.getProperty("moco.home", "."));
    }
}
