package dev.moco.training.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Stage;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.training.StageMain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The prepare stage in its own process, with a real S3 server, that is killed and stopped and then continued. */
class PrepareKillIT {
    private static final int KILLED = 128 + 9;
    private static final Pattern RECORDS = Pattern.compile("PUT \\S*/parts/\\S* HTTP");
    private static final Pattern SHARDS = Pattern.compile("PUT \\S*/train/\\S*\\.tar\\S* HTTP");
    private static final Pattern COMMITS = Pattern.compile("PUT \\S*/manifest\\.json\\S* HTTP");

    @TempDir
    Path folder;

    private EmbeddedS3 server;
    private ObjectStore objects;

    @BeforeEach
    void start() {
        server = EmbeddedS3.start(folder.resolve("s3"));
        objects = EmbeddedS3.folder(folder.resolve("s3"));
    }

    @AfterEach
    void stop() throws IOException {
        objects.close();
        server.close();
    }

    @Test
    void aKilledProcessIsContinuedWithTheSameResult() throws Exception {
        PrepareStage stage = PrepareStage.of(folder, 60, 4);
        Manifest undisturbed = undisturbed(stage);

        assertThat(run(stage, RECORDS, 1, PrepareKillIT::kill)).isEqualTo(KILLED);
        assertThat(run(stage, RECORDS, 6, PrepareKillIT::kill)).isEqualTo(KILLED);
        long recorded = records(stage);
        // Of the five before, three may have been on their way: four shards are made at once.
        assertThat(recorded).isGreaterThanOrEqualTo(2);
        assertThat(run(stage, SHARDS, 3, PrepareKillIT::kill)).isEqualTo(KILLED);
        assertThat(records(stage)).isGreaterThanOrEqualTo(recorded);
        assertThat(run(stage, COMMITS, 1, PrepareKillIT::kill)).isEqualTo(KILLED);
        assertThat(records(stage)).isEqualTo(15 + 8);
        // No shard is made again.
        assertThat(run(stage, SHARDS, 1, PrepareKillIT::kill)).isEqualTo(ExitCode.DONE);

        assertSame(stage, undisturbed);
    }

    private static boolean kill(Process process, Path log) {
        process.destroyForcibly();
        return false;
    }

    @Test
    void aStoppedProcessExitsWith75AndIsContinued() throws Exception {
        PrepareStage stage = PrepareStage.of(folder, 60, 4);
        Manifest undisturbed = undisturbed(stage);

        assertThat(run(stage, RECORDS, 3, PrepareKillIT::stop)).isEqualTo(ExitCode.INTERRUPTED);
        assertThat(records(stage)).isBetween(3L, 22L);
        assertThat(run(stage, COMMITS, 0, PrepareKillIT::kill)).isEqualTo(ExitCode.DONE);

        assertSame(stage, undisturbed);
    }

    /** Sends a signal, and waits until the process knows of it. */
    private static boolean stop(Process process, Path log) {
        process.destroy();
        await().atMost(Duration.ofMinutes(10)).until(() -> Files.readString(log).contains("asked to stop"));
        return true;
    }

    private Manifest undisturbed(PrepareStage stage) throws IOException, InterruptedException {
        Files.createDirectories(folder.resolve("undisturbed"));
        return stage.run(EmbeddedS3.folder(folder.resolve("undisturbed")), () -> false);
    }

    private void assertSame(PrepareStage stage, Manifest undisturbed) throws IOException {
        Manifest committed =
                new ArtifactStore(objects).manifest(Stage.PREPARE, stage.key()).orElseThrow();
        assertThat(committed.files()).isEqualTo(undisturbed.files());
        assertThat(committed.result()).isEqualTo(undisturbed.result());
        assertThat(new ArtifactStore(objects).damage(committed)).isEmpty();
    }

    private long records(PrepareStage stage) throws IOException {
        List<String> names = new ArrayList<>();
        objects.list(stage.prefix() + "parts/", object -> names.add(object.key()));
        return names.size();
    }

    /** Runs the stage, with an action before a request; returns its exit code. */
    private int run(PrepareStage stage, Pattern kind, int number, BiPredicate<Process, Path> action) throws Exception {
        CompletableFuture<Process> process = new CompletableFuture<>();
        Path log = Files.createTempFile(folder, "stage", ".log");
        try (RequestRelay relay =
                new RequestRelay(server.location(), kind, number, () -> action.test(process.join(), log))) {
            Process started = start(stage, relay.location(), log);
            process.complete(started);
            int exitCode = started.waitFor();
            assertThat(exitCode).as(Files.readString(log)).isIn(KILLED, ExitCode.INTERRUPTED, ExitCode.DONE);
            return exitCode;
        }
    }

    private Process start(PrepareStage stage, StoreLocation location, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                StageMain.class.getName(),
                "prepare");
        builder.environment().keySet().removeIf(name -> name.startsWith("AWS_") || name.startsWith("MOCO_"));
        builder.environment().putAll(server.environment());
        builder.environment()
                .put(StageTask.VARIABLE, new String(CanonicalJson.bytes(stage.task(location)), StandardCharsets.UTF_8));
        builder.environment()
                .put(
                        StageTask.TERMINATION_VARIABLE,
                        folder.resolve("termination").toString());
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }
}
