package dev.moco.training.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The model is the table in docs/performance.md. */
class WorldModelTest {
    private static PretrainConfig paper(Precision precision) {
        WorldOptions options = new WorldOptions();
        options.precision = precision;
        return options.pretrain(true);
    }

    @ParameterizedTest(name = "eight {0}, {1}: {2} images/s")
    @CsvSource({
        "Tesla V100-SXM2-32GB,    FLOAT32,   1340",
        "NVIDIA A100-SXM4-80GB,   TF32,      5430",
        "NVIDIA H100 80GB HBM3,   FLOAT32,   5580",
        "NVIDIA H100 80GB HBM3,   TF32,     11700",
        "NVIDIA H200,             BFLOAT16, 13200"
    })
    void eightDevicesAreExpectedToTrainAsDocumented(String gpu, Precision precision, double images) {
        WorldModel model = WorldModel.of(gpu).orElseThrow();
        assertThat(model.imagesPerSecond(paper(precision), 8).orElseThrow()).isCloseTo(images, within(images / 100));
    }

    @Test
    void oneDeviceTakesTheRanksInTurnAndExchangesNothing() {
        WorldModel model = WorldModel.of("NVIDIA H200").orElseThrow();
        assertThat(model.imagesPerSecond(paper(Precision.FLOAT32), 1).orElseThrow())
                .isCloseTo(32 / 0.0453, within(1e-9));
    }

    @Test
    void stepsWaitForALoaderThatIsSlowerThanTheyAre() {
        WorldModel model = WorldModel.of("NVIDIA H200").orElseThrow();
        PretrainConfig config = paper(Precision.FLOAT32);
        double rate = model.imagesPerSecond(config, 8).orElseThrow();
        assertThat(model.waitShare(config, 8, 10).orElseThrow()).isCloseTo(1 - 2460 / rate, within(1e-9));
        assertThat(model.waitShare(config, 8, 64)).hasValue(0);
    }

    @Test
    void theBusIsExpectedOfEightDevicesAndTheArraysOfAStepOnly() {
        WorldModel model = WorldModel.of("NVIDIA H100 80GB HBM3").orElseThrow();
        PretrainConfig config = paper(Precision.FLOAT32);
        assertThat(WorldCollectives.gradientBytes(config)).isEqualTo(111_866_624);
        assertThat(WorldCollectives.viewBytes(config)).isEqualTo(38_535_168);
        assertThat(model.busGigabytes(config, "gradient", 8)).hasValue(370);
        assertThat(model.busGigabytes(config, "views", 8)).hasValue(370);
        assertThat(model.busGigabytes(config, "gradient", 4)).isEmpty();
        assertThat(model.busGigabytes(config, "sum", 8)).isEmpty();
        assertThat(model.busGigabytes(config, "keys", 8)).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "CPU",
        "NVIDIA H100 PCIe",
        "NVIDIA H100 NVL",
        "NVIDIA H200 NVL",
        "NVIDIA A100-PCIE-40GB",
        "Tesla V100-PCIE-16GB"
    })
    void nothingIsKnownOfOtherDevices(String gpu) {
        assertThat(WorldModel.of(gpu)).isEmpty();
    }

    @Test
    void nothingIsKnownOfOtherSizesAndPrecisions() {
        WorldOptions options = new WorldOptions();
        options.arch = Architecture.RESNET18;
        WorldModel model = WorldModel.of("NVIDIA H200").orElseThrow();
        assertThat(model.imagesPerSecond(options.pretrain(true), 8)).isEmpty();
        assertThat(model.waitShare(options.pretrain(true), 8, 1)).isEmpty();
        assertThat(WorldModel.of("NVIDIA A100-SXM4-40GB").orElseThrow().imagesPerSecond(paper(Precision.FLOAT32), 8))
                .isEmpty();
    }

    @ParameterizedTest(name = "{0} over {1} devices: {2}")
    @CsvSource({"sum, 2, 1", "gradient, 8, 1.75", "keys, 2, 0.5", "views, 8, 0.875"})
    void aProcessSendsAShareOfTheArray(String work, int devices, double share) {
        assertThat(WorldCollectives.bytesSent(work, devices)).isEqualTo(share);
    }
}
