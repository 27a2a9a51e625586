package dev.moco.training.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.Architecture;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.StageResult;
import dev.moco.training.TinyImages;
import dev.moco.training.collectives.Processes;
import dev.moco.training.stage.FolderContext;
import dev.moco.training.stage.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Linear classification by several processes, over their connections, beside one. */
class LinearDevicesTest {
    /** The last batch has 4 of 8 images: of 4 processes, two have none of them; of 8, each has one image of a batch. */
    private static final int IMAGES = 20;

    private static final LinearConfig CONFIG = new LinearConfig(
            Architecture.RESNET10W16,
            true,
            7,
            32,
            3,
            8,
            new Optimizer(0.5, 0.9, 0, Optimizer.Schedule.STEP, List.of(2)),
            Precision.FLOAT32,
            5);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private final List<FolderContext> contexts = new ArrayList<>();

    /** End of a process. */
    private record ProbeEnd(int classifier, StageResult result) {}

    @BeforeEach
    void contexts() throws IOException {
        for (int i = 0; i < 8; i++) {
            contexts.add(new FolderContext(Files.createTempDirectory(folder, "run"), CONFIG, 1));
        }
    }

    @ParameterizedTest(name = "{0} processes")
    @ValueSource(ints = {2, 4, 8})
    void theNumberOfProcessesChangesNoByte(int size) throws Exception {
        ProbeEnd alone = ends(1).get(0);
        contexts.clear();
        contexts();
        assertThat(ends(size)).hasSize(size).containsOnly(alone);
    }

    @Test
    void allStopAfterTheSameStepAndOneProcessGoesOnFromThere() throws Exception {
        FolderContext another = contexts.get(3);
        contexts.get(1).stopAfter = 4;
        assertThatThrownBy(() -> ends(2))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("stopped at step 4, with a checkpoint");
        contexts.get(1).stopAfter = Long.MAX_VALUE;
        ProbeEnd resumed = ends(1).get(0);
        contexts.set(0, another);
        assertThat(resumed).isEqualTo(ends(1).get(0));
    }

    private List<ProbeEnd> ends(int size) throws Exception {
        return Processes.of(size, (collectives, scope) -> {
            StageOutput output = new LinearProbe((prepared, split) -> new TinyImages(IMAGES), collectives)
                    .run(CONFIG, contexts.get(collectives.world().index()));
            Path file = Objects.requireNonNull(output.files().get("classifier.safetensors"));
            return new ProbeEnd(Arrays.hashCode(Files.readAllBytes(file)), output.result());
        });
    }
}
