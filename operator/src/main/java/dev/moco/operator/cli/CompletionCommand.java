package dev.moco.operator.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code moco completion}: completion of commands and options in a shell. */
@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = {
            "Prints completion of commands, options and their values for bash and zsh.",
            "Now: source <(moco completion). For good: put that into ~/.bashrc or ~/.zshrc."
        })
final class CompletionCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    CommandSpec spec;

    @Override
    public void run() {
        System.out.print(AutoComplete.bash("moco", spec.root().commandLine()));
    }
}
