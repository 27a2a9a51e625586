package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.Architecture;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StepCost;
import dev.moco.contract.ViewSamples;
import dev.moco.training.TinyImages;
import dev.moco.training.data.loader.ViewPlace;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.stage.FolderContext;
import dev.moco.training.stage.StageOutput;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PretrainTest {
    private static final int IMAGES = 36;
    private static final int STEPS_PER_EPOCH = 4;
    private static final Pretrain PRETRAIN = new Pretrain((prepared, split) -> new TinyImages(IMAGES));

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest(name = "stopped after step {0}")
    @ValueSource(ints = {1, 4, 6})
    void aResumedRunEndsWithTheSameBytes(int stop) throws Exception {
        PretrainConfig config = config(2, 0.03, Precision.FLOAT32);
        Run whole = run(config, 2);
        FolderContext stopped = context(config, 2);
        stopped.stopAfter = stop;
        assertThatThrownBy(() -> PRETRAIN.run(config, stopped))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTERRUPTED));
        stopped.stopAfter = Long.MAX_VALUE;
        Run resumed = new Run(stopped, PRETRAIN.run(config, stopped));
        assertThat(resumed.bytes()).isEqualTo(whole.bytes());
        assertThat(withoutCost(resumed)).isEqualTo(withoutCost(whole));
        assertThat(cost(resumed).steps()).isEqualTo(cost(whole).steps()).isEqualTo(2 * STEPS_PER_EPOCH);
        assertThat(cost(resumed).stepSeconds()).isPositive();
        assertThat(losses(resumed)).isEqualTo(losses(whole));
    }

    @ParameterizedTest(name = "{0}, every {1} epochs: steps {2}")
    @CsvSource({"STEP, 0, 12", "COSINE, 0, ''", "STEP, 1, 4 8 12", "COSINE, 1, 4 8 12", "STEP, 2, 8 12", "COSINE, 2, 8"
    })
    void checkpointsAreKeptWithTheirEncoders(Optimizer.Schedule schedule, int every, String steps) throws Exception {
        PretrainConfig config = steps(3, schedule);
        FolderContext context = context(config, 2);
        context.keepEveryEpochs = every;
        Run run = new Run(context, PRETRAIN.run(config, context));
        assertThat(context.kept.keySet().stream().map(String::valueOf))
                .containsExactlyElementsOf(Stream.of(steps.split(" "))
                        .filter(step -> !step.isEmpty())
                        .toList());
        for (Path kept : context.kept.values()) {
            assertThat(kept.resolve("queue.f32")).isNotEmptyFile();
            assertThat(kept.resolve(EncoderFile.NAME)).isNotEmptyFile();
        }
        Path last = context.kept.get(3L * STEPS_PER_EPOCH);
        if (last != null) {
            assertThat(last.resolve(EncoderFile.NAME)).hasBinaryContent(run.bytes());
        }
        assertThat(run.bytes()).isEqualTo(run(config, 2).bytes());
    }

    private static PretrainConfig steps(int epochs, Optimizer.Schedule schedule) {
        return config(8, 16, 2, epochs, new Optimizer(0.03, 0.9, 1e-4, schedule, List.of()), Precision.FLOAT32);
    }

    private static StepCost cost(Run run) {
        return Objects.requireNonNull(((StageResult.Pretrained) run.output().result()).cost());
    }

    private static StageResult withoutCost(Run run) {
        return ((StageResult.Pretrained) run.output().result()).withCost(null);
    }

    @Test
    void aStateThatCannotBeReadEndsTheLoaderToo() throws Exception {
        PretrainConfig config = config(2, 0.03, Precision.FLOAT32);
        FolderContext context = context(config, 2);
        context.stopAfter = 1;
        assertThatThrownBy(() -> PRETRAIN.run(config, context)).isInstanceOf(StageFailure.class);
        Path damaged = context.latestCheckpoint().orElseThrow().folder().resolve("velocity.f32");
        Files.write(damaged, new byte[5]);
        assertThatThrownBy(() -> PRETRAIN.run(config, context))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageContaining("velocity.f32");
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("loader")) {
                thread.join(TimeUnit.MINUTES.toMillis(10));
                assertThat(thread.isAlive()).isFalse();
            }
        }
    }

    @Test
    void ranksThatTakeTurnsComputeWhatRanksSideBySideDo() throws Exception {
        PretrainConfig config = config(4, 0.03, Precision.FLOAT32);
        assertThat(run(config, 1).bytes()).isEqualTo(run(config, 4).bytes());
    }

    @Test
    void ranksHaveStatisticsOfTheirOwn() throws Exception {
        assertThat(run(config(1, 0.03, Precision.FLOAT32), 2).bytes())
                .isNotEqualTo(run(config(2, 0.03, Precision.FLOAT32), 2).bytes());
    }

    @ParameterizedTest
    @EnumSource(ViewPlace.class)
    void whereViewsAreMadeChangesNothing(ViewPlace place) throws Exception {
        PretrainConfig config = config(2, 0.03, Precision.FLOAT32);
        FolderContext context = context(config, 2);
        Pretrain pretrain = new Pretrain((prepared, split) -> new TinyImages(IMAGES), device -> place);
        Run made = new Run(context, pretrain.run(config, context));
        Run whole = run(config, 2);
        assertThat(made.bytes()).isEqualTo(whole.bytes());
        assertThat(losses(made)).isEqualTo(losses(whole));
    }

    @Test
    void theReportGetsViewsOfSomeImages() throws Exception {
        Run run = run(config(2, 0.03, Precision.FLOAT32), 2);
        assertThat(run.output().files()).containsOnlyKeys(EncoderFile.NAME);
        Path file = Objects.requireNonNull(run.output().logs().get(ViewSamples.FILE));
        ViewSamples samples = CanonicalJson.read(Files.readAllBytes(file), ViewSamples.class);
        assertThat(samples.samples()).hasSize(4).allSatisfy(sample -> {
            assertThat(sample.image().label()).isIn("even", "odd");
            assertThat(sample.image().width()).isEqualTo(16);
            assertThat(sample.views()).hasSize(6);
            assertThat(sample.views().stream().map(view -> List.of(view.width(), view.height())))
                    .containsOnly(List.of(16, 16));
            assertThat(sample.views().stream()
                            .map(view -> HexFormat.of().formatHex(view.jpeg()))
                            .distinct())
                    .hasSizeGreaterThan(1);
        });
    }

    @Test
    void reportsEpochsMonitorAndResult() throws Exception {
        PretrainConfig config = config(2, 0.03, Precision.FLOAT32);
        Run run = run(config, 2);
        assertThat(run.context().history.stream()
                        .filter(point -> point.values().containsKey("knnTop1"))
                        .map(point -> point.step()))
                .containsExactly(0L, 4L, 8L);
        // Each of the three monitors reports its start, the bank's one batch, and the validation's.
        assertThat(run.context().reports.get("knn")).isEqualTo(3 * (1 + 2));
        assertThat(losses(run)).hasSize(2);
        StageResult.Pretrained result = (StageResult.Pretrained) run.output().result();
        // Training and validation images are the same here, so the nearest neighbor of each is itself.
        assertThat(result.knnTop1()).isEqualTo(100);
        assertThat(result.knnTop1Untrained()).isEqualTo(100);
        assertThat(result.loss()).isPositive();
        assertThat(Objects.requireNonNull(run.context().last).step()).isEqualTo(2L * STEPS_PER_EPOCH);
        EncoderLayout layout = EncoderLayout.of(config.architecture(), config.head(), config.dimension());
        Path file = Objects.requireNonNull(run.output().files().get(EncoderFile.NAME));
        float[] trained = EncoderFile.read(file, layout).parameters();
        assertThat(trained)
                .isNotEqualTo(EncoderWeights.initial(layout, config.seed()).parameters());
    }

    @Test
    void onACpuTf32IsFloat32() throws Exception {
        assertThat(run(config(2, 0.03, Precision.TF32), 2).bytes())
                .isEqualTo(run(config(2, 0.03, Precision.FLOAT32), 2).bytes());
    }

    @Test
    void bfloat16TrainsFloat32Weights() throws Exception {
        StageResult.Pretrained exact = (StageResult.Pretrained)
                run(config(2, 0.03, Precision.FLOAT32), 2).output().result();
        StageResult.Pretrained rounded = (StageResult.Pretrained)
                run(config(2, 0.03, Precision.BFLOAT16), 2).output().result();
        assertThat(rounded.loss()).isNotEqualTo(exact.loss()).isBetween(0.5 * exact.loss(), 1.5 * exact.loss());
    }

    @Test
    void aLossThatIsNotANumberFailsAtOnceAndNamesEpochStepAndRate() {
        PretrainConfig config = config(2, 1e30, Precision.FLOAT32);
        assertThatThrownBy(() -> PRETRAIN.run(config, context(config, 2)))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageMatching(
                        "epoch [12] of 2, step \\d+: the loss is (NaN|Infinity) with learning rate 1.0E30; a lower"
                                + " spec.pretrain.learningRate may help");
    }

    @ParameterizedTest(name = "batch {0}, queue {1}, ranks {2}")
    @CsvSource(
            delimiter = '|',
            value = {
                "8  | 20 | 2 | pretrain.queueSize must be a multiple of pretrain.batchSize, found 20 with a batch of 8",
                "8  | 16 | 3 | pretrain.batchSize must be a multiple of pretrain.ranks, found 8 with 3 ranks",
                "40 | 80 | 2 | batch size 40 must not exceed the number of training images, found 36 images"
            })
    void impossibleSizesAreABadConfiguration(int batch, int queue, int ranks, String message) {
        PretrainConfig config = config(batch, queue, ranks, 0.03, Precision.FLOAT32);
        assertThatThrownBy(() -> PRETRAIN.run(config, context(config, 2)))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessage(message);
    }

    /** A finished run. */
    private record Run(FolderContext context, StageOutput output) {
        byte[] bytes() throws IOException {
            return Files.readAllBytes(Objects.requireNonNull(output.files().get(EncoderFile.NAME)));
        }
    }

    private Run run(PretrainConfig config, int threads) throws Exception {
        FolderContext context = context(config, threads);
        return new Run(context, PRETRAIN.run(config, context));
    }

    private FolderContext context(PretrainConfig config, int threads) throws IOException {
        FolderContext context = new FolderContext(Files.createTempDirectory(folder, "run"), config, threads);
        context.knn = new KnnMonitor(1, 1, 0.1, 0);
        return context;
    }

    private static List<Double> losses(Run run) {
        return run.context().history.stream()
                .filter(point -> point.values().containsKey("loss"))
                .map(point -> point.values().get("loss"))
                .toList();
    }

    private static PretrainConfig config(int ranks, double learningRate, Precision precision) {
        return config(8, 16, ranks, learningRate, precision);
    }

    private static PretrainConfig config(int batch, int queue, int ranks, double learningRate, Precision precision) {
        Optimizer optimizer = new Optimizer(learningRate, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of());
        return config(batch, queue, ranks, 2, optimizer, precision);
    }

    private static PretrainConfig config(
            int batch, int queue, int ranks, int epochs, Optimizer optimizer, Precision precision) {
        return new PretrainConfig(
                Architecture.RESNET10W16,
                Head.MLP,
                8,
                16,
                Augmentation.AUG_PLUS,
                epochs,
                batch,
                ranks,
                new Contrast(queue, 0.2, 0.99),
                optimizer,
                precision,
                7);
    }
}
