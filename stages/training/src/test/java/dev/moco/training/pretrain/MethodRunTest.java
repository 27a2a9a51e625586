package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.stage.FolderContext;
import dev.moco.training.stage.StageOutput;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every method trains by the stage program, on images of which the last batch of an epoch has a few. */
class MethodRunTest {
    private static final int IMAGES = 67;
    private static final int FULL_BATCHES = 4;
    private static final Pretrain PRETRAIN = new Pretrain((prepared, split) -> new ColoredImages(IMAGES));

    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource
    void aStoppedRunGoesOnToTheSameBytes(SmallRuns small) throws Exception {
        PretrainConfig config = small.config(2);
        FolderContext context = context(config, 2);
        StageOutput whole = PRETRAIN.run(config, context);
        FolderContext stopped = context(config, 1);
        // Within an epoch, and at the end of the last, before the evaluation.
        for (long step : new long[] {6, config.stepsPerEpoch(IMAGES) * SmallRuns.EPOCHS - 1}) {
            stopped.stopAfter = step;
            assertThatThrownBy(() -> PRETRAIN.run(config, stopped))
                    .isInstanceOfSatisfying(
                            StageFailure.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTERRUPTED));
        }
        stopped.stopAfter = Long.MAX_VALUE;
        StageOutput resumed = PRETRAIN.run(config, stopped);
        assertThat(file(resumed)).hasSameBinaryContentAs(file(whole));
        assertThat(resumed.result())
                .usingRecursiveComparison()
                .ignoringFields("cost")
                .isEqualTo(whole.result());
        assertThat(losses(stopped)).isEqualTo(losses(context));

        StageResult.Pretrained result = (StageResult.Pretrained) whole.result();
        assertThat(result.loss()).isPositive().isLessThan(chance(small));
        assertThat(Objects.requireNonNull(result.knnTop1())).isGreaterThan(51); // 34 of 67 have one class
        assertThat(result.knnTop1Untrained()).isNotNull();
        assertThat(Objects.requireNonNull(context.last).step()).isEqualTo(config.stepsPerEpoch(IMAGES) * 4L);
        if (small == SmallRuns.SUPERVISED) {
            assertThat(config.stepsPerEpoch(IMAGES)).isEqualTo(FULL_BATCHES + 1);
            assertThat(Objects.requireNonNull(result.validation()).top1()).isGreaterThan(75);
            assertThat(result.validation().top5()).isEqualTo(100);
            assertThat(context.phases).contains("evaluating");
        } else {
            assertThat(config.stepsPerEpoch(IMAGES)).isEqualTo(FULL_BATCHES);
            assertThat(result.validation()).isNull();
        }
        // Later stages read the backbone.
        EncoderLayout backbone = EncoderLayout.backbone(config.architecture());
        EncoderWeights read = EncoderFile.read(file(whole), backbone);
        assertThat(read.parameters())
                .isNotEqualTo(EncoderWeights.initial(backbone, config.seed()).parameters());
        assertThat(read.statistics()).isNotEqualTo(EncoderWeights.initialStatistics(backbone));
    }

    /** Loss of an output that does not depend on the image. */
    private static double chance(SmallRuns small) {
        return switch (small) {
            case MOCO -> Math.log(1 + 32);
            case END_TO_END, END_TO_END_SHARED -> Math.log(SmallRuns.BATCH);
            case SIMCLR -> 2 * Math.log(2 * SmallRuns.BATCH - 1);
            case SUPERVISED -> Math.log(2);
        };
    }

    private static List<Double> losses(FolderContext context) {
        return context.history.stream()
                .map(point -> point.values().get("loss"))
                .filter(Objects::nonNull)
                .toList();
    }

    private static Path file(StageOutput output) {
        return Objects.requireNonNull(output.files().get(EncoderFile.NAME));
    }

    private FolderContext context(PretrainConfig config, int threads) throws Exception {
        FolderContext context = new FolderContext(Files.createTempDirectory(folder, "run"), config, threads);
        context.knn = new KnnMonitor(2, 5, 0.1, 0);
        return context;
    }
}
