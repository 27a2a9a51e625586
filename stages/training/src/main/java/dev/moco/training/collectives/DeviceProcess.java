package dev.moco.training.collectives;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Termination;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A process of a {@link Launcher}. */
final class DeviceProcess {
    private static final Logger LOG = LoggerFactory.getLogger(DeviceProcess.class);
    /** Exit codes of processes that a signal ended are above this. */
    static final int SIGNALED = 128;

    private final int index;
    private final Process process;
    private final Path termination;
    private final Signs signs;
    private @Nullable String givenUp;
    private boolean endedWithOthers;

    /** @param termination file that the process writes at its end */
    DeviceProcess(int index, Process process, Path termination, Signs signs) {
        this.index = index;
        this.process = process;
        this.termination = termination;
        this.signs = signs;
    }

    int index() {
        return index;
    }

    Process process() {
        return process;
    }

    Path termination() {
        return termination;
    }

    Signs signs() {
        return signs;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Returns whether the others cannot go on: this one failed, or it was the one that writes the result. */
    boolean endsTheOthers() {
        return !process.isAlive() && (process.exitValue() != ExitCode.DONE || index == 0);
    }

    /** Kills a process that hangs. */
    void giveUp(String reason) {
        if (givenUp == null && process.isAlive()) {
            LOG.error("device {} {}", index, reason);
            givenUp = reason;
            kill();
        }
    }

    /** Reason for which the launcher gave up this process; null where it ended by itself. */
    @Nullable
    String givenUp() {
        return givenUp;
    }

    void kill() {
        process.destroyForcibly();
    }

    /** Kills a process that cannot go on, as another has ended. */
    void endWithOthers() {
        if (process.isAlive()) {
            endedWithOthers = true;
            kill();
        }
    }

    /**
     * The termination that the process wrote at its end, or one for its exit code. The message of a fault says what the process
     * did, as in "was killed" or "failed: no such file".
     */
    Termination end() {
        int exitCode = process.exitValue();
        try {
            if (Files.isRegularFile(termination)) {
                Termination written = CanonicalJson.read(Files.readAllBytes(termination), Termination.class);
                return written.exitCode() == ExitCode.FAULT
                        ? new Termination(ExitCode.FAULT, "failed: " + written.message(), null)
                        : written;
            }
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("cannot read how device {} ended: {}", index, e.getMessage());
        }
        return endedWithOthers
                ? new Termination(Launcher.LOST_ANOTHER, "was killed, as another device had ended", null)
                : new Termination(exitCode, described(exitCode), null);
    }

    private static String described(int exitCode) {
        if (exitCode == SIGNALED + 9) {
            return "was killed by signal 9, which the kernel sends where memory is exhausted";
        }
        if (exitCode == SIGNALED + 6) {
            return "was ended by signal 6, which libtorch sends itself where it cannot go on, as after a failure of the GPU;"
                    + " the log says more";
        }
        if (exitCode > SIGNALED) {
            return "was ended by signal " + (exitCode - SIGNALED);
        }
        return exitCode == 3
                ? "ended with exit code 3, as when the Java heap is exhausted"
                : "ended with exit code " + exitCode;
    }
}
