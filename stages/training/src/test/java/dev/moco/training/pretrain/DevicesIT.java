package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageResult;
import dev.moco.training.stage.DeviceStage;
import dev.moco.training.stage.SmallStages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Pre-training by one process a device: real processes, connections on loopback, and a real S3 server. */
class DevicesIT {
    @TempDir
    Path folder;

    private EmbeddedS3 server;
    private ObjectStore objects;
    private DeviceStage stage;

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedS3.start(folder.resolve("s3"));
        objects = EmbeddedS3.folder(folder.resolve("s3"));
        stage = SmallStages.pretraining(folder, server, objects);
    }

    @AfterEach
    void stop() throws IOException {
        objects.close();
        server.close();
    }

    @Test
    void theNumberOfDevicesChangesNoByteOfTheResult() throws Exception {
        Manifest alone = stage.whole(1);
        for (int devices : new int[] {2, 4, 8}) {
            assertSame(stage.whole(devices), alone);
        }
        // Stopped with a checkpoint at 8, continued at 2.
        stage.remove();
        assertThat(stage.run(8, DeviceStage.READS, 1, (launcher, log) -> stop(launcher, log)))
                .isEqualTo(ExitCode.INTERRUPTED);
        assertThat(stage.termination().message()).contains("stopped at step").contains("with a checkpoint");
        assertThat(stage.run(2, DeviceStage.COMMITS, 0, (launcher, log) -> true))
                .isEqualTo(ExitCode.DONE);
        assertThat(stage.termination().digest()).isEqualTo(stage.manifest().digest());
        assertSame(stage.manifest(), alone);
    }

    @Test
    void aKilledDeviceOrLauncherEndsTheStageAndTheNextRunEndsInTheSameBytes() throws Exception {
        Manifest alone = stage.whole(1);
        stage.remove();

        assertThat(stage.run(2, DeviceStage.READS, 1, (launcher, log) -> DeviceStage.kill("-KILL", log, 1)))
                .isEqualTo(ExitCode.FAULT);
        assertThat(stage.termination().message()).startsWith("device 1 of 2 was killed by signal 9");
        List<Long> children = new CopyOnWriteArrayList<>();
        assertThat(stage.run(2, DeviceStage.CHECKPOINTS, 1, (launcher, log) -> {
                    children.addAll(List.of(DeviceStage.pid(log, 0), DeviceStage.pid(log, 1)));
                    launcher.destroyForcibly();
                    return false;
                }))
                .isEqualTo(DeviceStage.KILLED);
        await().atMost(Duration.ofMinutes(10)).until(() -> children.stream().noneMatch(DeviceStage::running));
        assertThat(stage.run(2, DeviceStage.COMMITS, 1, (launcher, log) -> DeviceStage.kill("-KILL", log, 0)))
                .isEqualTo(ExitCode.FAULT);

        assertThat(stage.run(2, DeviceStage.COMMITS, 0, (launcher, log) -> true))
                .isEqualTo(ExitCode.DONE);
        assertSame(stage.manifest(), alone);
    }

    /** Of supervised training, the last batch of an epoch is filled up, and the first process evaluates. */
    @ParameterizedTest
    @EnumSource(names = {"END_TO_END", "SIMCLR", "SUPERVISED"})
    void theNumberOfDevicesChangesNoByteOfOtherMethods(SmallRuns small) throws Exception {
        stage.configure(small.config(4));
        Manifest alone = stage.whole(1);
        assertSame(stage.whole(4), alone);
        StageResult.Pretrained result = (StageResult.Pretrained) alone.result();
        assertThat(result.validation() != null).isEqualTo(small == SmallRuns.SUPERVISED);
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

    /** Asks the launcher to stop; until a device knows, one that waits for its images keeps all from going on. */
    private static boolean stop(Process launcher, Path log) throws Exception {
        launcher.destroy();
        await().atMost(Duration.ofMinutes(10))
                .until(() -> Files.readString(log).contains("asked to stop, by its launcher"));
        return true;
    }
}
