package dev.moco.training.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Stage;
import dev.moco.training.collectives.LaunchVariables;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stages of which a signal ends or stops one of two processes: real processes, and a real S3 server. */
class DeviceFaultsIT {
    private static final String SILENCE = "60";

    @TempDir
    Path folder;

    /** Of all kinds at once, as most of the time is spent waiting for the sign that a stopped device does not give. */
    @Test
    void aKilledOrStoppedDeviceEndsTheStageAndTheNextRunEndsInTheSameBytes() throws Exception {
        List<Stage> kinds = List.of(Stage.PRETRAIN, Stage.LINEAR, Stage.DETECT);
        ExecutorService threads = Executors.newFixedThreadPool(kinds.size());
        try {
            List<Future<?>> ends = new ArrayList<>();
            for (Stage kind : kinds) {
                ends.add(threads.submit(() -> {
                    endsInTheSameBytes(kind);
                    return null;
                }));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    private void endsInTheSameBytes(Stage kind) throws Exception {
        Path own = Files.createDirectory(folder.resolve(kind.id()));
        try (EmbeddedS3 server = EmbeddedS3.start(own.resolve("s3"));
                ObjectStore objects = EmbeddedS3.folder(own.resolve("s3"))) {
            endsInTheSameBytes(
                    switch (kind) {
                        case LINEAR -> SmallStages.linear(own, server, objects);
                        case DETECT -> SmallStages.detection(own, server, objects);
                        default -> SmallStages.pretraining(own, server, objects);
                    });
        }
    }

    private static void endsInTheSameBytes(DeviceStage stage) throws Exception {
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
