package dev.moco.training.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Stage;
import dev.moco.training.collectives.LaunchVariables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stages of which a signal ends or stops one of two processes: real processes, and a real S3 server. */
class DeviceFaultsIT {
    private static final String SILENCE = "60";

    @TempDir
    Path folder;

    private EmbeddedS3 server;
    private ObjectStore objects;

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedS3.start(folder.resolve("s3"));
        objects = EmbeddedS3.folder(folder.resolve("s3"));
    }

    @AfterEach
    void stop() throws IOException {
        objects.close();
        server.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"PRETRAIN", "LINEAR", "DETECT"})
    void aKilledOrStoppedDeviceEndsTheStageAndTheNextRunEndsInTheSameBytes(Stage kind) throws Exception {
        DeviceStage stage = switch (kind) {
            case LINEAR -> SmallStages.linear(folder, server, objects);
            case DETECT -> SmallStages.detection(folder, server, objects);
            default -> SmallStages.pretraining(folder, server, objects);
        };
        Manifest alone = stage.whole(1);
        stage.remove();

        assertThat(stage.run(2, DeviceStage.READS, 1, (launcher, log) -> DeviceStage.kill("-KILL", log, 1)))
                .isEqualTo(ExitCode.FAULT);
        assertThat(stage.termination().message()).startsWith("device 1 of 2 was killed by signal 9");

        Map<String, String> silence = Map.of(LaunchVariables.SILENCE, SILENCE);
        assertThat(stage.run(
                        2, silence, DeviceStage.CHECKPOINTS, 1, (launcher, log) -> DeviceStage.kill("-STOP", log, 1)))
                .isEqualTo(ExitCode.FAULT);
        assertThat(stage.termination().message()).startsWith("device 1 of 2 gave no sign for " + SILENCE + " s");

        assertThat(stage.run(2, DeviceStage.COMMITS, 0, (launcher, log) -> true))
                .isEqualTo(ExitCode.DONE);
        assertThat(stage.manifest().files()).isEqualTo(alone.files());
        assertThat(stage.manifest().digest()).isEqualTo(alone.digest());
    }
}
