package dev.moco.operator.cli;

import dev.moco.operator.spec.ExperimentFiles;
import java.io.IOException;
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
            "Runs experiments on this machine, one after another, from where they were left.",
            "Several end with the table of all, as of `moco table`; what they share runs once, and one that fails does not"
                    + " keep the others from running."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    RunOptions options;

    @Override
    public Integer call() throws IOException, InterruptedException {
        Instant start = Instant.now();
        return options.run(ExperimentFiles.read(options.files), start);
    }

    /** Folder of the launcher: a checkout or a release. */
    static Path home() {
        return Path.of(System.getProperty("moco.home", "."));
    }
}
