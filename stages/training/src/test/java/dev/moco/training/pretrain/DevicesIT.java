package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageResult;
import dev.moco.training.prepare.RequestRelay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pre-training by one process a device: real processes, connections on loopback, and a real S3 server. */
class DevicesIT {
    private static final int KILLED = 128 + 9;
    private static final Pattern STARTED = Pattern.compile("started device=(\\d+) pid=(\\d+)");
    private static final Pattern READS = Pattern.compile("GET \\S*/train/\\S* HTTP");
    private static final Pattern CHECKPOINTS = Pattern.compile("PUT \\S*/checkpoints/\\S* HTTP");
    private static final Pattern COMMITS = Pattern.compile("PUT \\S*/pretrain/[0-9a-f]{64}/manifest\\.json\\S* HTTP");

    @TempDir
    Path folder;

    private EmbeddedS3 server;
    private ObjectStore objects;
    private DeviceStage stage;

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedS3.start(folder.resolve("s3"));
        objects = EmbeddedS3.folder(folder.resolve("s3"));
        stage = new DeviceStage(folder, server, objects);
    }

    @AfterEach
    void stop() throws IOException {
        objects.close();
        server.close();
    }

    /** Acts on a running stage before one of its requests; returns whether the request passes. */
    private interface Action {
        boolean run(Process launcher, Path log) throws Exception;
    }

    @Test
    void theNumberOfDevicesChangesNoByteOfTheResult() throws Exception {
        Manifest alone = whole(1);
        for (int devices : new int[] {2, 4, 8}) {
            assertSame(whole(devices), alone);
        }
        // Stopped with a checkpoint at 8, continued at 2.
        stage.remove();
        assertThat(run(8, CHECKPOINTS, 1, (launcher, log) -> stop(launcher, log)))
                .isEqualTo(ExitCode.INTERRUPTED);
        assertThat(stage.termination().message()).contains("stopped at step").contains("with a checkpoint");
        assertThat(run(2, COMMITS, 0, (launcher, log) -> true)).isEqualTo(ExitCode.DONE);
        assertThat(stage.termination().digest()).isEqualTo(stage.manifest().digest());
        assertSame(stage.manifest(), alone);
    }

    @Test
    void aKilledDeviceOrLauncherEndsTheStageAndTheNextRunEndsInTheSameBytes() throws Exception {
        Manifest alone = whole(1);
        stage.remove();

        assertThat(run(2, READS, 1, (launcher, log) -> kill("-KILL", log, 1))).isEqualTo(ExitCode.FAULT);
        assertThat(stage.termination().message()).startsWith("device 1 of 2 was killed by signal 9");
        List<Long> children = new CopyOnWriteArrayList<>();
        assertThat(run(2, CHECKPOINTS, 1, (launcher, log) -> {
                    children.addAll(List.of(pid(log, 0), pid(log, 1)));
                    launcher.destroyForcibly();
                    return false;
                }))
                .isEqualTo(KILLED);
        await().atMost(Duration.ofMinutes(10))
                .until(() ->
                        children.stream().noneMatch(pid -> ProcessHandle.of(pid).isPresent()));
        assertThat(run(2, COMMITS, 1, (launcher, log) -> kill("-KILL", log, 0))).isEqualTo(ExitCode.FAULT);

        assertThat(run(2, COMMITS, 0, (launcher, log) -> true)).isEqualTo(ExitCode.DONE);
        assertSame(stage.manifest(), alone);
    }

    /** Of supervised training, the last batch of an epoch is filled up, and the first process evaluates. */
    @ParameterizedTest
    @EnumSource(names = {"END_TO_END", "SIMCLR", "SUPERVISED"})
    void theNumberOfDevicesChangesNoByteOfOtherMethods(SmallRuns small) throws Exception {
        stage.configure(small.config(4));
        Manifest alone = whole(1);
        assertSame(whole(4), alone);
        StageResult.Pretrained result = (StageResult.Pretrained) alone.result();
        assertThat(result.validation() != null).isEqualTo(small == SmallRuns.SUPERVISED);
    }

    private Manifest whole(int devices) throws Exception {
        stage.remove();
        assertThat(run(devices, READS, 0, (launcher, log) -> true)).isEqualTo(ExitCode.DONE);
        return stage.manifest();
    }

    static void assertSame(Manifest found, Manifest expected) {
        assertThat(found.files()).isEqualTo(expected.files());
        assertThat(pretrained(found).withCost(null))
                .isEqualTo(pretrained(expected).withCost(null));
        assertThat(Objects.requireNonNull(pretrained(found).cost()).steps())
                .isEqualTo(Objects.requireNonNull(pretrained(expected).cost()).steps());
        assertThat(found.digest()).isEqualTo(expected.digest());
    }

    private static StageResult.Pretrained pretrained(Manifest manifest) {
        return (StageResult.Pretrained) manifest.result();
    }

    /** Asks the launcher to stop; until it knows, a stopped process keeps the others from going on. */
    private static boolean stop(Process launcher, Path log) throws Exception {
        kill("-STOP", log, 1);
        launcher.destroy();
        await().atMost(Duration.ofMinutes(10)).until(() -> Files.readString(log).contains("asked to stop"));
        kill("-CONT", log, 1);
        return true;
    }

    private static boolean kill(String signal, Path log, int device) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(pid(log, device)))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        return signal.equals("-STOP");
    }

    private static long pid(Path log, int device) throws IOException {
        Matcher started = STARTED.matcher(Files.readString(log));
        while (started.find()) {
            if (started.group(1).equals(Integer.toString(device))) {
                return Long.parseLong(started.group(2));
            }
        }
        throw new AssertionError("device " + device + " was not started: " + Files.readString(log));
    }

    /** Runs the stage, with an action before a request; returns its exit code. */
    private int run(int devices, Pattern kind, int number, Action action) throws Exception {
        AtomicReference<Process> process = new AtomicReference<>();
        Path log = Files.createTempFile(folder, "stage", ".log");
        try (RequestRelay relay = new RequestRelay(server.location(), kind, number, () -> {
            try {
                return action.run(Objects.requireNonNull(process.get()), log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        })) {
            Process started = stage.start(relay.location(), devices, log);
            process.set(started);
            int exitCode = started.waitFor();
            assertThat(exitCode)
                    .as(Files.readString(log))
                    .isIn(KILLED, ExitCode.FAULT, ExitCode.INTERRUPTED, ExitCode.DONE);
            return exitCode;
        }
    }
}
