package dev.moco.operator.cli;

import dev.moco.contract.JvmMemory;
import dev.moco.contract.StageFailure;
import dev.moco.contract.local.Program;
import dev.moco.operator.local.TrainingJvm;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** A program of the training module that a command runs in a process of its own, with the terminal of this one. */
final class EngineProgram {
    private EngineProgram() {}

    /**
     * Runs a program to its end and returns its exit code.
     *
     * @param credentials AWS variables of the embedded store; empty for a bucket of the user
     */
    static int run(String main, List<String> arguments, Map<String, String> credentials)
            throws IOException, InterruptedException {
        ProcessBuilder builder = TrainingJvm.of(RunCommand.home())
                .process(JvmMemory.of(Runtime.getRuntime().availableProcessors()), main, arguments, credentials);
        // Help is as wide as the terminal of this process.
        builder.command().add(1, "-D" + Program.COLUMNS + "=" + Terminal.columns());
        Process process;
        try {
            process = builder.inheritIO().start();
        } catch (IOException e) {
            throw StageFailure.fault("cannot start " + main + ": " + e.getMessage(), e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroy, "program"));
        return process.waitFor();
    }
}
