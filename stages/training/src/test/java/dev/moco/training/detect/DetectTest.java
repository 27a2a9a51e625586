package dev.moco.training.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.CanonicalJson;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.DetectionSamples;
import dev.moco.contract.ExitCode;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Sha256;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.training.collectives.Collectives;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectTest {
    private final DetectConfig config = TinyScenes.config(6, 4, 2);
    private final ImageSet train = new TinySet(20, 1);
    private final ImageSet test = new TinySet(4, 2);
    private final Detect detect = new Detect((voc, split) -> split == Split.TRAIN ? train : test, Collectives.ALONE);

    @TempDir
    private Path folder;

    @BeforeEach
    void writeEncoder() throws IOException {
        EncoderLayout layout = EncoderLayout.of(config.architecture(), Head.MLP, 32);
        EncoderFile.write(folder.resolve(EncoderFile.NAME), layout, EncoderWeights.initial(layout, 3));
    }

    @Test
    void aTrialWritesDetectorDetectionsPrecisionsAndLogs() throws Exception {
        FolderContext context = new FolderContext(folder, config, 1);

        StageOutput output = detect.run(config, context);

        assertThat(output.files()).containsOnlyKeys("detector.safetensors", "detections.jsonl");
        assertThat(output.logs()).containsKeys("logs/precision.json", "logs/detections.json");
        DetectionSamples samples =
                CanonicalJson.read(Files.readAllBytes(log(output, DetectionSamples.FILE)), DetectionSamples.class);
        assertThat(samples.samples()).hasSize(Math.min(8, test.size())).allSatisfy(sample -> {
            assertThat(sample.truths()).isNotEmpty();
            assertThat(sample.truths()).allSatisfy(box -> {
                assertThat(box.name()).isIn("red", "green", "blue");
                assertThat(box.x2())
                        .isGreaterThan(box.x1())
                        .isLessThanOrEqualTo(sample.image().width() + 1);
            });
            assertThat(sample.found()).allSatisfy(box -> assertThat(box.score()).isGreaterThanOrEqualTo(.5));
        });
        assertThat(((StageResult.Detected) output.result()).classes())
                .extracting(StageResult.ClassAveragePrecision::name)
                .containsExactly("red", "green", "blue");
        assertThat(Files.readAllLines(file(output, "detections.jsonl"))).hasSize(test.size());
        assertThat(context.phases).containsExactly("training", "batch-norm", "evaluating", "scoring");
        // Each iteration, image and class is reported.
        assertThat(context.reports.get("batch-norm")).isEqualTo(1 + config.preciseBnIterations());
        assertThat(context.reports.get("evaluating")).isEqualTo(test.size());
        assertThat(context.reports.get("scoring")).isEqualTo(3);
        assertThat(context.history).extracting(HistoryPoint::step).containsExactly(6L);
        assertThat(context.history.get(0).values())
                .containsKeys("loss", "lossRpnClass", "lossRpnBox", "lossClass", "lossBox", "learningRate");
    }

    @Test
    void aStoppedTrialContinuesToTheSameBytes() throws Exception {
        Map<String, String> uninterrupted = digests(detect.run(config, new FolderContext(folder, config, 1)));

        FolderContext context = new FolderContext(Files.createDirectory(folder.resolve("other")), config, 1);
        Files.copy(folder.resolve("encoder.safetensors"), folder.resolve("other/encoder.safetensors"));
        context.stopAfter = 3;
        assertThatThrownBy(() -> detect.run(config, context))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTERRUPTED))
                .hasMessage("stopped after 3 of 6 iterations, checkpoint saved");
        context.stopAfter = Long.MAX_VALUE;

        assertThat(digests(detect.run(config, context))).isEqualTo(uninterrupted);
    }

    @Test
    void aLossThatIsNotFiniteEndsTheTrial() {
        DetectConfig.Solver solver = config.solver();
        DetectConfig wild = new DetectConfig(
                config.architecture(),
                config.input(),
                config.anchors(),
                config.proposals(),
                config.regions(),
                new DetectConfig.Solver(20, 4, 2, 1e20, .9, solver.weightDecay(), List.of(), 0, 1),
                0,
                config.precision(),
                config.seed());

        assertThatThrownBy(() -> detect.run(wild, new FolderContext(folder, wild, 1)))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageMatching(
                        "iteration \\d+: the loss is not finite, found RPN class .*; spec.detection.learningRate is"
                                + " too high for the batch size, or the warm-up too short");
    }

    private static Path file(StageOutput output, String name) {
        Path file = output.files().get(name);
        assertThat(file).isNotNull();
        return file == null ? Path.of(name) : file;
    }

    private static Path log(StageOutput output, String name) {
        return Objects.requireNonNull(output.logs().get(name), name);
    }

    private static Map<String, String> digests(StageOutput output) throws IOException {
        Map<String, String> digests = new LinkedHashMap<>();
        for (String name : List.of("detector.safetensors", "detections.jsonl")) {
            digests.put(name, Sha256.of(Files.readAllBytes(file(output, name))));
        }
        return digests;
    }
}
