package dev.moco.training.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Sha256;
import dev.moco.contract.StageResult;
import dev.moco.training.collectives.Processes;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.shards.Split;
import dev.moco.training.detect.input.TinyScenes;
import dev.moco.training.detect.input.TinySet;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.stage.FolderContext;
import dev.moco.training.stage.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A trial of detection with four ranks by several processes, over their connections, beside one. */
class DetectDevicesTest {
    private static final int PROCESSES = 4;
    private static final int ITERATIONS = 4;

    /** The last images of the test set are fewer than the processes. */
    private static final int TEST_IMAGES = 6;

    private final ImageSet train = new TinySet(20, 1);
    private final ImageSet test = new TinySet(TEST_IMAGES, 2);

    @TempDir
    private Path folder;

    /** End of a process. */
    private record TrialEnd(String detector, String detections, StageResult result) {}

    /** A ResNet-50 has bottlenecks and a max pool, too. */
    @ParameterizedTest(name = "{0} processes, {1} in {2}")
    @CsvSource({"2, RESNET10W16, FLOAT32", "4, RESNET10W16, FLOAT32", "2, RESNET10W16, BFLOAT16", "2, RESNET50, FLOAT32"
    })
    void theNumberOfProcessesChangesNoByte(int size, Architecture architecture, Precision precision) throws Exception {
        DetectConfig config = config(architecture, precision);
        List<FolderContext> alone = contexts(config);
        List<FolderContext> several = contexts(config);
        TrialEnd end = ends(1, config, alone).get(0);
        assertThat(ends(size, config, several)).hasSize(size).containsOnly(end);
        assertThat(several.get(0).history.get(0).values())
                .containsAllEntriesOf(losses(alone.get(0)))
                .hasSameSizeAs(alone.get(0).history.get(0).values());
        assertThat(several.get(0).reports.get("evaluating")).isEqualTo((TEST_IMAGES + size - 1) / size);
    }

    @Test
    void allStopAfterTheSameIterationAndOneProcessGoesOnFromThere() throws Exception {
        DetectConfig config = config(Architecture.RESNET10W16, Precision.FLOAT32);
        List<FolderContext> contexts = contexts(config);
        contexts.get(1).stopAfter = 2;
        assertThatThrownBy(() -> ends(2, config, contexts))
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("stopped after 2 of 4 iterations, checkpoint saved");
        TrialEnd resumed = ends(1, config, contexts).get(0);
        assertThat(resumed).isEqualTo(ends(1, config, contexts(config)).get(0));
    }

    private static DetectConfig config(Architecture architecture, Precision precision) {
        int iterations = architecture == Architecture.RESNET50 ? 2 : ITERATIONS;
        DetectConfig tiny = TinyScenes.config(iterations, 2 * PROCESSES, PROCESSES);
        return new DetectConfig(
                architecture,
                tiny.input(),
                tiny.anchors(),
                tiny.proposals(),
                tiny.regions(),
                tiny.solver(),
                tiny.preciseBnIterations(),
                precision,
                tiny.seed());
    }

    /** A folder of each process, with the encoder. */
    private List<FolderContext> contexts(DetectConfig config) throws IOException {
        EncoderLayout layout = EncoderLayout.of(config.architecture(), Head.MLP, 32);
        List<FolderContext> contexts = new ArrayList<>();
        for (int i = 0; i < PROCESSES; i++) {
            Path own = Files.createTempDirectory(folder, "run");
            EncoderFile.write(own.resolve(EncoderFile.NAME), layout, EncoderWeights.initial(layout, 3));
            contexts.add(new FolderContext(own, config, 1));
        }
        return contexts;
    }

    private static Map<String, Double> losses(FolderContext context) {
        Map<String, Double> losses = new HashMap<>(context.history.get(0).values());
        losses.keySet().removeIf(name -> !name.startsWith("loss"));
        assertThat(losses).hasSize(5);
        return losses;
    }

    private List<TrialEnd> ends(int size, DetectConfig config, List<FolderContext> contexts) throws Exception {
        return Processes.of(size, (collectives, scope) -> {
            StageOutput output = new Detect((voc, split) -> split == Split.TRAIN ? train : test, collectives)
                    .run(config, contexts.get(collectives.world().index()));
            return new TrialEnd(
                    digest(output, "detector.safetensors"), digest(output, "detections.jsonl"), output.result());
        });
    }

    private static String digest(StageOutput output, String name) throws IOException {
        return Sha256.of(
                Files.readAllBytes(Objects.requireNonNull(output.files().get(name))));
    }
}
