package dev.moco.training.collectives;

import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts one process for each device, passes on a request to stop, and ends them all when one fails, hangs or is stopped by
 * a signal. The processes end with the launcher.
 */
public final class Launcher {
    /** Exit code of a process that has only lost another one. */
    public static final int LOST_ANOTHER = 76;

    private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);
    private static final long POLL_MILLIS = 100;
    /** Time for the others to end by themselves, such as with the upload of a checkpoint, when one has failed. */
    private static final Duration ENDING = Duration.ofSeconds(100);
    /** Time for the logs of all threads, before a process is killed. */
    private static final Duration DUMPING = Duration.ofSeconds(2);

    private final List<String> command;
    private final Devices devices;
    private final BooleanSupplier stopRequested;
    private final Limits limits;

    /**
     * Limits after which processes are killed.
     *
     * @param joining from the start of a process until it has joined the others
     * @param silence without a sign of a process
     * @param stall without any progress of any process
     */
    record Limits(Duration joining, Duration silence, Duration stall) {
        static Limits of(Map<String, String> environment) {
            return new Limits(
                    Duration.ofMinutes(10),
                    LaunchVariables.seconds(environment, LaunchVariables.SILENCE, Duration.ofMinutes(2)),
                    LaunchVariables.seconds(environment, LaunchVariables.STALL, Duration.ofMinutes(30)));
        }
    }

    /**
     * Prepares a launch.
     *
     * @param command command line of each process
     * @param environment variables of this process, which may say limits
     */
    public Launcher(
            List<String> command, Map<String, String> environment, Devices devices, BooleanSupplier stopRequested) {
        this.command = List.copyOf(command);
        this.devices = devices;
        this.stopRequested = stopRequested;
        this.limits = Limits.of(environment);
    }

    /** Runs all processes to their end; returns that of the first on success, else the cause of the failure. */
    public Termination run() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("moco-devices-");
        List<DeviceProcess> processes = new ArrayList<>();
        try (Rendezvous rendezvous = new Rendezvous(devices.count())) {
            for (int index = 0; index < devices.count(); index++) {
                processes.add(start(rendezvous, folder, index));
            }
            watch(rendezvous, processes);
            return Ends.of(processes);
        } finally {
            processes.forEach(DeviceProcess::kill);
            for (DeviceProcess process : processes) {
                process.process().waitFor();
                Files.deleteIfExists(process.termination());
            }
            Files.deleteIfExists(folder);
        }
    }

    private DeviceProcess start(Rendezvous rendezvous, Path folder, int index) {
        Path termination = folder.resolve(Integer.toString(index));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO().redirectInput(new File("/dev/null"));
        // Its end is seen on the connection to this process.
        builder.environment().remove(StageTask.EXIT_WITH_PARENT_VARIABLE);
        builder.environment().putAll(devices.variables(index));
        builder.environment().put(StageTask.TERMINATION_VARIABLE, termination.toString());
        builder.environment().put(LaunchVariables.MEMBER, index + "/" + devices.count() + "@" + rendezvous.port());
        builder.environment().put(LaunchVariables.SECRET, rendezvous.secret());
        try {
            Process process = builder.start();
            LOG.info("started device={} pid={}", index, process.pid());
            return new DeviceProcess(index, process, termination, rendezvous.signs(index));
        } catch (IOException e) {
            throw StageFailure.fault("cannot start a process for device " + index + ": " + e.getMessage(), e);
        }
    }

    /** Returns when every process has ended, or was killed. */
    private void watch(Rendezvous rendezvous, List<DeviceProcess> processes) throws InterruptedException {
        long ending = 0;
        while (processes.stream().anyMatch(DeviceProcess::isAlive)) {
            if (stopRequested.getAsBoolean()) {
                rendezvous.sendToAll(LauncherLink.STOP);
            }
            long now = System.nanoTime();
            giveUpSilent(processes, now);
            giveUpStalled(rendezvous, processes, now);
            if (ending == 0 && processes.stream().anyMatch(DeviceProcess::endsTheOthers)) {
                ending = now;
            }
            if (ending != 0 && (!rendezvous.complete() || now - ending > ENDING.toNanos())) {
                processes.forEach(DeviceProcess::endWithOthers);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private void giveUpSilent(List<DeviceProcess> processes, long now) {
        for (DeviceProcess process : processes) {
            Signs signs = process.signs();
            Duration limit = signs.joined() ? limits.silence() : limits.joining();
            if (process.isAlive() && now - signs.lastHeard() > limit.toNanos()) {
                process.giveUp("gave no sign for " + limit.toSeconds()
                        + " s, as when it is stopped by a signal or the machine swaps, and was killed");
            }
        }
    }

    /** Kills all processes where none goes on; each then shows what it was doing. */
    private void giveUpStalled(Rendezvous rendezvous, List<DeviceProcess> processes, long now)
            throws InterruptedException {
        boolean goesOn = processes.stream()
                .anyMatch(process -> !process.signs().joined()
                        || now - process.signs().lastProgress()
                                <= limits.stall().toNanos());
        if (goesOn) {
            return;
        }
        rendezvous.sendToAll(LauncherLink.DUMP);
        TimeUnit.NANOSECONDS.sleep(DUMPING.toNanos());
        for (DeviceProcess process : processes) {
            process.giveUp("made no progress for " + limits.stall().toSeconds()
                    + " s, as the others, and was killed; the log shows what its threads did");
        }
    }
}
