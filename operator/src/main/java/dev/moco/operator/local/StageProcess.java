package dev.moco.operator.local;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.JvmMemory;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One stage as a child process, with the same main that a pod runs. */
public final class StageProcess {
    private final StageTask task;
    private final Process process;
    private final Path log;
    private final Path termination;
    private final ClassArchive archive;

    private StageProcess(StageTask task, Process process, Path log, Path termination, ClassArchive archive) {
        this.task = task;
        this.process = process;
        this.log = log;
        this.termination = termination;
        this.archive = archive;
    }

    /**
     * Starts a stage.
     *
     * @param home folder of the launcher: a checkout or a release
     * @param devices variables about its devices
     * @param credentials AWS variables of the embedded store; empty for a bucket of the user
     */
    public static StageProcess start(
            StageTask task, WorkFolder work, Path home, Map<String, String> devices, Map<String, String> credentials) {
        Path log = work.log(task.experiment(), task.name());
        Path termination = work.termination(task.experiment(), task.name());
        try {
            Files.createDirectories(log.getParent());
            Files.deleteIfExists(termination);
            TrainingJvm jvm = TrainingJvm.of(home);
            Stage stage = task.config().stage();
            JvmMemory memory = JvmMemory.of(task.config(), task.execution().threads());
            List<String> arguments = List.of(stage.id());
            // Prepare runs first, is short, and loads most of the classes that the others start with.
            ProcessBuilder builder = stage.readsRawData()
                    ? jvm.archivedProcess(task.name(), memory, TrainingJvm.STAGE_MAIN, arguments, credentials)
                    : jvm.process(memory, TrainingJvm.STAGE_MAIN, arguments, credentials);
            builder.environment().putAll(devices);
            builder.environment()
                    .putAll(Map.of(
                            StageTask.VARIABLE,
                            new String(CanonicalJson.bytes(task), StandardCharsets.UTF_8),
                            StageTask.TERMINATION_VARIABLE,
                            termination.toString(),
                            // The child halts when its standard input closes, however this process ends.
                            StageTask.EXIT_WITH_PARENT_VARIABLE,
                            "1"));
            builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
            return new StageProcess(task, builder.start(), log, termination, jvm.archive());
        } catch (IOException e) {
            throw StageFailure.fault("cannot start " + task.name() + ": " + e.getMessage(), e);
        }
    }

    public StageTask task() {
        return task;
    }

    public Path log() {
        return log;
    }

    public boolean running() {
        return process.isAlive();
    }

    /** Asks the stage to save a checkpoint and end. */
    public void stop() {
        // Not the process itself, whose destroy() also closes the standard input: the stage would halt at once.
        process.toHandle().destroy();
    }

    /** Waits for the end; false if the process still runs after that many seconds. */
    public boolean await(long seconds) throws InterruptedException {
        return process.waitFor(seconds, TimeUnit.SECONDS);
    }

    public void kill() {
        process.destroyForcibly();
    }

    /** Termination of the ended stage: its termination message, or its exit code if it left none. */
    public Termination ended() {
        int exitCode = process.exitValue();
        archive.publish(task.name(), exitCode);
        try {
            if (Files.isRegularFile(termination) && Files.size(termination) > 0) {
                return CanonicalJson.read(Files.readAllBytes(termination), Termination.class);
            }
        } catch (IOException | UncheckedIOException e) {
            return new Termination(
                    failed(exitCode),
                    "ended with exit code " + exitCode + " and left a torn termination message, see " + log,
                    null);
        }
        return new Termination(
                failed(exitCode),
                "ended with exit code " + exitCode + " and without a termination message" + signal(exitCode) + ", see "
                        + log,
                null);
    }

    private static int failed(int exitCode) {
        return exitCode == ExitCode.DONE ? ExitCode.FAULT : exitCode;
    }

    private static String signal(int exitCode) {
        return exitCode == 137 ? " (killed, perhaps for memory)" : "";
    }
}
