package dev.moco.operator.cli;

import dev.moco.contract.local.Program;
import picocli.CommandLine.Command;

/** {@code moco version}; the launcher answers it without a build. */
@Command(name = "version", mixinStandardHelpOptions = true, description = "Prints the version.")
final class VersionCommand implements Runnable {
    @Override
    public void run() {
        System.out.println(Program.VERSION);
    }
}
