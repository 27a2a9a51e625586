package dev.moco.training.collectives;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
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
    static final int LOST_ANOTHER = 76;
    /** Exit code of a process that never had the others, or that made other calls than they. */
    static final int APART = 77;

    private static final Logger LOG = LoggerFactory.getLogger(Launcher.class);
    private static final long POLL_MILLIS = 100;
    /** Longer than a round of the launcher takes, unless it was stopped itself. */
    private static final Duration STOPPED = Duration.ofSeconds(5);
    /** Time for the others to end by themselves, such as with the upload of a checkpoint, when one has failed. */
    private static final Duration ENDING = Duration.ofSeconds(100);
    /** Time for the logs of all threads, before a process is killed. */
    private static final Duration DUMPING = Duration.ofSeconds(2);

    private final List<String> command;
    private final Devices devices;
    private final Node node;
    private final Optional<Meeting> meeting;
    private final BooleanSupplier stopRequested;
    private final Limits limits;
    private volatile boolean lostNode;

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
     * Prepares a launch on one node.
     *
     * @param command command line of each process
     * @param environment variables of this process, which may say limits
     */
    public Launcher(
            List<String> command, Map<String, String> environment, Devices devices, BooleanSupplier stopRequested) {
        this(command, environment, devices, Node.ALONE, Optional.empty(), stopRequested);
    }

    /** Prepares the launch of a node's part of the processes. */
    public Launcher(
            List<String> command,
            Map<String, String> environment,
            Devices devices,
            Node node,
            Optional<Meeting> meeting,
            BooleanSupplier stopRequested) {
        this.command = List.copyOf(command);
        this.devices = devices;
        this.node = node;
        this.meeting = meeting;
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
            CompletableFuture<Optional<Next>> next = new CompletableFuture<>();
            Thread meets = new Thread(() -> meet(rendezvous, next), "meeting");
            meets.setDaemon(true);
            meets.start();
            try {
                watch(rendezvous, processes, next);
                return isCommitted(next) ? new Termination(ExitCode.DONE, null, null) : Ends.of(processes, node);
            } finally {
                meets.interrupt();
            }
        } finally {
            processes.forEach(DeviceProcess::kill);
            for (DeviceProcess process : processes) {
                process.process().waitFor();
                Files.deleteIfExists(process.termination());
            }
            Files.deleteIfExists(folder);
        }
    }

    /** Lets the processes connect to each other, once those of all nodes are there. */
    private void meet(Rendezvous rendezvous, CompletableFuture<Optional<Next>> found) {
        try {
            int port = rendezvous.awaitFirstPort();
            Optional<Next> next = meeting.isPresent()
                    ? meeting.get().with(port)
                    : Optional.of(
                            new Next(InetAddress.getLoopbackAddress().getHostAddress(), port, rendezvous.secret()));
            next.ifPresent(rendezvous::release);
            found.complete(next);
            if (meeting.isPresent() && next.isPresent()) {
                meeting.get().awaitSuccessor();
                lostNode = true;
            }
        } catch (IOException e) {
            found.completeExceptionally(new UncheckedIOException(e));
        } catch (RuntimeException | InterruptedException e) {
            found.completeExceptionally(e);
        }
    }

    /** Returns whether the stage was committed before its nodes met; throws what kept them from meeting. */
    private static boolean isCommitted(CompletableFuture<Optional<Next>> next) {
        try {
            return next.isDone() && next.join().isEmpty();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    private DeviceProcess start(Rendezvous rendezvous, Path folder, int index) {
        Path termination = folder.resolve(Integer.toString(index));
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO().redirectInput(new File("/dev/null"));
        // Its end is seen on the connection to this process.
        builder.environment().remove(StageTask.EXIT_WITH_PARENT_VARIABLE);
        builder.environment().putAll(devices.variables(index));
        builder.environment().put(StageTask.TERMINATION_VARIABLE, termination.toString());
        builder.environment().put(LaunchVariables.MEMBER, memberOf(index) + "@" + rendezvous.port());
        builder.environment().put(LaunchVariables.SECRET, rendezvous.secret());
        try {
            Process process = builder.start();
            LOG.info("started device={} pid={}", index, process.pid());
            return new DeviceProcess(index, process, termination, rendezvous.signs(index));
        } catch (IOException e) {
            throw StageFailure.fault("cannot start a process for device " + index + ": " + e.getMessage(), e);
        }
    }

    private String memberOf(int index) {
        int count = devices.count();
        return node.index() * count + index + "/" + node.count() * count + "/" + node.count();
    }

    /** Returns when every process has ended, or was killed, or none is needed. */
    private void watch(Rendezvous rendezvous, List<DeviceProcess> processes, CompletableFuture<Optional<Next>> next)
            throws InterruptedException {
        long ending = 0;
        long before = System.nanoTime();
        while (processes.stream().anyMatch(DeviceProcess::isAlive) && !isCommitted(next)) {
            if (stopRequested.getAsBoolean()) {
                if (node.count() > 1 && !rendezvous.released()) {
                    throw StageFailure.interrupted(node.prefix() + "stopped before it had met the other nodes");
                }
                rendezvous.sendToAll(LauncherLink.STOP);
            }
            long now = System.nanoTime();
            if (now - before > STOPPED.toNanos()) {
                // As all are by Ctrl+Z, or with their machine: the silence of that time is no fault.
                long stopped = now - before;
                processes.forEach(process -> process.signs().leaveOut(stopped));
                ending += ending == 0 ? 0 : stopped;
            }
            before = now;
            giveUpSilent(processes, now);
            if (node.index() == 0) {
                // Processes of other nodes have nothing to do while the first one works alone; if they hang, it does,
                // too.
                giveUpStalled(rendezvous, processes, now);
            }
            if (ending == 0 && (lostNode || processes.stream().anyMatch(DeviceProcess::endsTheOthers))) {
                ending = now;
            }
            if (ending != 0 && (!rendezvous.released() || now - ending > ENDING.toNanos())) {
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
