package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.Architecture;
import dev.moco.contract.ExitCode;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.StageFailure;
import dev.moco.training.detect.input.TinyScenes;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DevicesTest {
    private static final Optimizer SGD = new Optimizer(0.03, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of());

    private static PretrainConfig pretrain(int ranks) {
        return new PretrainConfig(
                Architecture.RESNET10W16,
                Head.MLP,
                32,
                32,
                Augmentation.AUG_PLUS,
                1,
                8 * ranks,
                ranks,
                new Contrast(16 * ranks, 0.2, 0.99),
                SGD,
                Precision.FLOAT32,
                0);
    }

    @ParameterizedTest(name = "{0} images, {1} chosen, {2} GPUs: {3}")
    @CsvSource({"256, , 8, 8", "256, , 6, 4", "10, 4, 0, 2", "256, , 0, 1", "6, 6, 8, 6"})
    void linearClassificationTakesAsManyAsShareABatchEqually(int images, @Nullable String chosen, int seen, int count) {
        LinearConfig linear =
                new LinearConfig(Architecture.RESNET10W16, false, 0, 32, 1, images, SGD, Precision.FLOAT32, 0);
        Map<String, String> environment = chosen == null ? Map.of() : Map.of("MOCO_DEVICES", chosen);
        assertThat(Devices.of(environment, linear, seen).count()).isEqualTo(count);
    }

    @ParameterizedTest(name = "{0} chosen, {1} GPUs: {2}")
    @CsvSource({", 0, 1", ", 8, 8", ", 6, 4", "2, 8, 2", "4, 0, 4"})
    void aTrialOfDetectionTakesAsManyAsDivideItsRanks(@Nullable String chosen, int seen, int count) {
        Map<String, String> environment = chosen == null ? Map.of() : Map.of("MOCO_DEVICES", chosen);
        assertThat(Devices.of(environment, TinyScenes.config(1, 16, 8), seen).count())
                .isEqualTo(count);
        assertThatThrownBy(() -> Devices.of(Map.of("MOCO_DEVICES", "3"), TinyScenes.config(1, 16, 8), 4))
                .hasMessageContaining("found 3 devices with 8 ranks; possible are 1, 2, 4, 8");
    }

    @ParameterizedTest(name = "{0} ranks, {1} GPUs: {2}")
    @CsvSource({"8, 0, 1", "8, 1, 1", "8, 2, 2", "8, 3, 2", "8, 8, 8", "8, 16, 8", "1, 4, 1", "6, 4, 3"})
    void asManyGpusAsDivideTheRanks(int ranks, int seen, int count) {
        assertThat(Devices.of(Map.of(), pretrain(ranks), seen).count()).isEqualTo(count);
    }

    @Test
    void aChosenNumberMustDivideTheRanks() {
        assertThat(Devices.of(Map.of("MOCO_DEVICES", "4"), pretrain(8), 0)).isEqualTo(new Devices(4, List.of()));
        assertThatThrownBy(() -> Devices.of(Map.of("MOCO_DEVICES", "3"), pretrain(8), 4))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageContaining("found 3 devices with 8 ranks; possible are 1, 2, 4, 8");
        assertThatThrownBy(() -> Devices.of(Map.of("MOCO_DEVICES", "4"), pretrain(8), 2))
                .hasMessage("MOCO_DEVICES is 4, and there are only 2 GPUs");
    }

    @Test
    void processesShareGpusOnlyWhereNcclIsToldThatTheyMay() {
        Map<String, String> four = Map.of("MOCO_DEVICES", "4", "NCCL_MULTI_RANK_GPU_ENABLE", "1");
        assertThat(Devices.of(four, pretrain(8), 2, 1)).isEqualTo(new Devices(4, List.of("0", "1", "0", "1")));
        assertThat(Devices.of(four, pretrain(8), 1, 1)).isEqualTo(new Devices(4, List.of("0", "0", "0", "0")));
        assertThatThrownBy(() ->
                        Devices.of(Map.of("MOCO_DEVICES", "4", "NCCL_MULTI_RANK_GPU_ENABLE", "0"), pretrain(8), 1, 1))
                .hasMessage("MOCO_DEVICES is 4, and there are only 1 GPUs");
    }

    @ParameterizedTest(name = "{0} ranks, {1} nodes, {2} GPUs each: {3} devices each")
    @CsvSource({"8, 2, 0, 1", "8, 2, 4, 4", "8, 2, 8, 4", "8, 4, 3, 2", "6, 2, 2, 1", "6, 2, 4, 3", "16, 2, 8, 8"})
    void eachNodeHasAsManyDevicesAsDivideTheRanks(int ranks, int nodes, int seen, int count) {
        assertThat(Devices.of(Map.of(), pretrain(ranks), seen, nodes).count()).isEqualTo(count);
    }

    @Test
    void nodesTimesDevicesMustDivideTheRanks() {
        assertThat(Devices.of(Map.of("MOCO_DEVICES", "2"), pretrain(8), 0, 2).count())
                .isEqualTo(2);
        assertThatThrownBy(() -> Devices.of(Map.of("MOCO_DEVICES", "8"), pretrain(8), 0, 2))
                .hasMessageContaining("found 16 devices with 8 ranks; possible are 1, 2, 4, 8");
        assertThatThrownBy(() -> Devices.of(Map.of(), pretrain(8), 4, 3))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessageContaining("found 3 devices with 8 ranks; possible are 1, 2, 4, 8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "two", "", "1.5", "9999999"})
    void whatIsNoNumberIsRefused(String text) {
        assertThatThrownBy(() -> Devices.of(Map.of("MOCO_DEVICES", text), pretrain(8), 0))
                .hasMessage("MOCO_DEVICES must be a whole number from 1 to 999999, found \"" + text + "\"");
    }

    @Test
    void eachProcessSeesItsOwnGpu() {
        assertThat(Devices.of(Map.of(), pretrain(2), 2).variables(1)).isEqualTo(Map.of("CUDA_VISIBLE_DEVICES", "1"));
        assertThat(Devices.of(Map.of("CUDA_VISIBLE_DEVICES", "5, GPU-ab"), pretrain(2), 2)
                        .gpus())
                .containsExactly("5", "GPU-ab");
    }
}
