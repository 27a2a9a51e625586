package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemoryNeedTest {
    private static final int THREADS = 2;

    private static PretrainConfig pretrain(
            Architecture architecture, int size, int batch, int ranks, int queue, Precision precision) {
        return new PretrainConfig(
                architecture,
                Head.MLP,
                128,
                size,
                Augmentation.AUG_PLUS,
                200,
                batch,
                ranks,
                new Contrast(queue, 0.2, 0.999),
                new Optimizer(0.03, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of()),
                precision,
                0);
    }

    private static DetectConfig detect(int images, int low, int high, Precision precision) {
        return new DetectConfig(
                Architecture.RESNET50,
                new DetectConfig.Input(List.of(low / 2, low), low, high),
                new DetectConfig.Anchors(List.of(32, 64, 128, 256, 512), List.of(0.5, 1.0, 2.0)),
                new DetectConfig.Proposals(256, 0.5, 12_000, 2000, 6000, 1000, 0.7),
                new DetectConfig.Regions(512, 0.25, 14, 0.05, 0.5, 100),
                new DetectConfig.Solver(24_000, images, 1, 0.02, 0.9, 1e-4, List.of(18_000, 22_000), 100, 0.001),
                200,
                precision,
                0);
    }

    /** Peaks of {@code moco bench step} on two threads. */
    @ParameterizedTest
    @CsvSource({
        "RESNET50, 224, 32, 1, 65536, FLOAT32, 3673",
        "RESNET50, 224, 32, 1, 65536, BFLOAT16, 2633",
        "RESNET50, 224, 16, 1, 65536, FLOAT32, 2549",
        "RESNET50, 224, 16, 1, 65536, BFLOAT16, 1711",
        "RESNET50, 224, 8, 1, 65536, FLOAT32, 1653",
        "RESNET50, 224, 64, 1, 65536, FLOAT32, 5792",
        "RESNET18, 224, 32, 1, 65536, FLOAT32, 1665",
        "RESNET101, 224, 16, 1, 65536, FLOAT32, 3649",
        "RESNET10W16, 32, 256, 1, 4096, FLOAT32, 419",
        "RESNET18, 64, 128, 1, 4096, FLOAT32, 924",
    })
    void stepsOfPretrainingNeedWhatWasMeasured(
            Architecture architecture, int size, int batch, int ranks, int queue, Precision precision, long measured) {
        PretrainConfig config = pretrain(architecture, size, batch, ranks, queue, precision);
        assertThat(MemoryNeed.ofSteps(config, THREADS)).isBetween(measured * 88 / 100, measured * 115 / 100);
    }

    @Test
    void ranksThatTakeTurnsNeedTheMemoryOfOne() {
        long eight = MemoryNeed.mib(pretrain(Architecture.RESNET50, 224, 256, 8, 65_536, Precision.FLOAT32), THREADS);
        long one = MemoryNeed.mib(pretrain(Architecture.RESNET50, 224, 32, 1, 65_536, Precision.FLOAT32), THREADS);
        assertThat(eight - one).isBetween(0L, 300L);
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheFigure() {
        DetectConfig full = detect(16, 800, 1333, Precision.FLOAT32);
        assertThatThrownBy(() -> MemoryNeed.check("detect-0", full, THREADS, 24_000))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageMatching("detect-0 needs about [34]\\d{4} MiB of memory, there are 24000 MiB; less is needed"
                        + " with bfloat16, smaller images, or a smaller batchSize");
        assertThatCode(() -> MemoryNeed.check("detect-0", detect(2, 800, 1333, Precision.FLOAT32), THREADS, 24_000))
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({"RESNET18, 11176512", "RESNET50, 23508032", "RESNET101, 42500160", "RESNET10W16, 307536"})
    void parametersAreTorchvisions(Architecture architecture, long parameters) {
        assertThat(architecture.parameters()).isEqualTo(parameters);
    }

    @ParameterizedTest
    @CsvSource({
        "RESNET50, 224, 256, 8, 2, 1, 2",
        "RESNET50, 224, 256, 8, 16, 1, 16",
        "RESNET10W16, 32, 256, 8, 2, 2, 1",
        "RESNET10W16, 32, 256, 8, 16, 8, 2",
        "RESNET10W16, 32, 256, 1, 16, 1, 16",
    })
    void ranksRunAtOnceWhereTheirMapsAreSmall(
            Architecture architecture, int size, int batch, int ranks, int threads, int atOnce, int within) {
        assertThat(StepThreads.of(pretrain(architecture, size, batch, ranks, 4096, Precision.FLOAT32), threads))
                .isEqualTo(new StepThreads(atOnce, within));
    }
}
