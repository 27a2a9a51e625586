package dev.moco.training.linear;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.Architecture;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.ValidationSamples;
import dev.moco.contract.ValidationSamples.ClassCount;
import dev.moco.contract.ValidationSamples.Confusion;
import dev.moco.training.TinyImages;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.stage.FolderContext;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.weights.Safetensors;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinearProbeTest {
    private static final LinearProbe PROBE = new LinearProbe((prepared, split) -> new TinyImages(20));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest(name = "stopped after step {0}")
    @ValueSource(ints = {2, 3, 6})
    void aResumedProbeEndsWithTheSameClassifierAndFigures(int stop) throws Exception {
        FolderContext whole = context();
        StageOutput expected = PROBE.run(config(0.5), whole);
        FolderContext stopped = context();
        stopped.stopAfter = stop;
        assertThatThrownBy(() -> PROBE.run(config(0.5), stopped))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTERRUPTED));
        stopped.stopAfter = Long.MAX_VALUE;
        StageOutput found = PROBE.run(config(0.5), stopped);
        assertThat(bytes(found)).isEqualTo(bytes(expected));
        assertThat(found.result()).isEqualTo(expected.result());
        assertThat(stopped.history).hasSameSizeAs(whole.history);
    }

    @Test
    void reportsBestAndLastEpochAndACurve() throws Exception {
        FolderContext context = context();
        StageResult.Classified result =
                (StageResult.Classified) PROBE.run(config(0.5), context).result();
        List<Double> top1 = context.history.stream()
                .map(point -> Objects.requireNonNull(point.values().get("validationTop1")))
                .toList();
        assertThat(top1).hasSize(3);
        assertThat(result.bestTop1())
                .isEqualTo(top1.stream().mapToDouble(x -> x).max().orElseThrow());
        assertThat(result.bestEpoch()).isEqualTo(top1.indexOf(result.bestTop1()));
        assertThat(result.lastTop1()).isEqualTo(top1.get(2));
        assertThat(result.lastTop5()).isEqualTo(100);
        // Of 20 images in batches of 8, each batch of the three validations is reported, and the start of each.
        assertThat(context.reports.get("evaluating")).isEqualTo(3 * (1 + 3));
    }

    @Test
    void theReportGetsConfusionsNeighborsAndAnEmbedding() throws Exception {
        LinearConfig untrained = config(0.5);
        LinearConfig config = new LinearConfig(
                untrained.architecture(),
                false,
                0,
                untrained.imageSize(),
                untrained.epochs(),
                untrained.batchSize(),
                untrained.optimizer(),
                untrained.precision(),
                untrained.seed());
        Path trained = Files.createTempDirectory(folder, "run");
        EncoderLayout layout = EncoderLayout.of(config.architecture(), Head.MLP, 32);
        EncoderFile.write(trained.resolve(EncoderFile.NAME), layout, EncoderWeights.initial(layout, 7));
        StageOutput output = PROBE.run(config, new FolderContext(trained, config, 2));
        assertThat(output.files()).containsOnlyKeys("classifier.safetensors");
        Path file = Objects.requireNonNull(output.logs().get(ValidationSamples.FILE));
        ValidationSamples samples = CanonicalJson.read(Files.readAllBytes(file), ValidationSamples.class);
        assertThat(samples.classes())
                .extracting(ClassCount::name, ClassCount::images)
                .containsExactly(tuple("even", 10L), tuple("odd", 10L));
        long correct = samples.classes().stream().mapToLong(ClassCount::correct).sum();
        long wrong = samples.confusions().stream().mapToLong(Confusion::images).sum();
        assertThat(correct + wrong).isEqualTo(20);
        assertThat(100.0 * correct / 20).isEqualTo(((StageResult.Classified) output.result()).lastTop1());
        assertThat(samples.neighbors()).hasSize(6).allSatisfy(of -> {
            assertThat(of.nearest()).hasSize(5);
            assertThat(of.nearest())
                    .extracting(ValidationSamples.Neighbor::similarity)
                    .isSortedAccordingTo(Comparator.reverseOrder());
            assertThat(ImageIO.read(new ByteArrayInputStream(of.image().jpeg())).getWidth())
                    .isEqualTo(of.image().width());
        });
        assertThat(samples.embedding()).hasSize(20);
    }

    @Test
    void anUntrainedEncoderHasNoPictures() throws Exception {
        assertThat(PROBE.run(config(0.5), context()).logs()).isEmpty();
    }

    @Test
    void aLossThatIsNotANumberFailsAtOnceAndNamesEpochStepAndRate() {
        assertThatThrownBy(() -> PROBE.run(config(1e38), context()))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageMatching("epoch [123] of 3, step \\d+: the loss is (NaN|Infinity) with learning rate 1.0E38;"
                        + " a lower spec.linear.learningRate may help");
    }

    /** The recipe of SimCLR's evaluation: from zero, so that a rate of zero leaves the classes alike. */
    @Test
    void theClassifierMayStartAtZeroAndItsRateFallWithEveryStep() throws Exception {
        LinearConfig config = simClr(0.1);
        FolderContext whole = context();
        StageOutput expected = PROBE.run(config, whole);
        FolderContext stopped = context();
        stopped.stopAfter = 4;
        assertThatThrownBy(() -> PROBE.run(config, stopped)).isInstanceOf(StageFailure.class);
        stopped.stopAfter = Long.MAX_VALUE;
        assertThat(bytes(PROBE.run(config, stopped))).isEqualTo(bytes(expected));
        List<Double> rates = whole.history.stream()
                .map(point -> point.values().get("learningRate"))
                .toList();
        assertThat(rates).hasSize(3).isSortedAccordingTo(Comparator.reverseOrder());
        assertThat(rates.get(0)).isLessThan(0.1);

        StageOutput unmoved = PROBE.run(simClr(0), context());
        Path file = Objects.requireNonNull(unmoved.files().get("classifier.safetensors"));
        Safetensors.read(file)
                .values()
                .forEach(tensor -> assertThat(tensor.values()).containsOnly(0));
        assertThat(((StageResult.Classified) unmoved.result()).trainLoss()).isCloseTo(Math.log(2), within(1e-6));
    }

    private static LinearConfig simClr(double learningRate) {
        LinearConfig other = config(learningRate);
        return new LinearConfig(
                other.architecture(),
                true,
                7,
                other.imageSize(),
                other.epochs(),
                other.batchSize(),
                new Optimizer(
                        learningRate,
                        0.9,
                        0,
                        Optimizer.Schedule.COSINE_BY_STEP,
                        List.of(),
                        Optimizer.Algorithm.NESTEROV,
                        0),
                Precision.FLOAT32,
                5,
                true);
    }

    @Test
    void anEncoderThatMovedIsAFault() {
        try (NDManager manager = TorchEngine.start(1)) {
            EncoderWeights before = new EncoderWeights(new float[] {1, 2}, new float[] {0});
            FrozenEncoderCheck frozen = new FrozenEncoderCheck(
                    before, manager.create(before.parameters()), manager.create(before.statistics()));
            frozen.check();
            frozen.statistics().addi(1e-7f);
            assertThatThrownBy(frozen::check).hasMessage("the frozen encoder changed during the first epoch");
        }
    }

    private FolderContext context() throws IOException {
        return new FolderContext(Files.createTempDirectory(folder, "run"), config(0.5), 2);
    }

    private static byte[] bytes(StageOutput output) throws IOException {
        return Files.readAllBytes(Objects.requireNonNull(output.files().get("classifier.safetensors")));
    }

    private static LinearConfig config(double learningRate) {
        return new LinearConfig(
                Architecture.RESNET10W16,
                true,
                7,
                16,
                3,
                8,
                new Optimizer(learningRate, 0.9, 0, Optimizer.Schedule.STEP, List.of(2)),
                Precision.FLOAT32,
                5);
    }
}
