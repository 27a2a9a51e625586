package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.contract.Architecture;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.StageFailure;
import java.util.List;
import org.junit.jupiter.api.Test;

class PretrainSetupTest {
    private static final int QUEUE = 64;

    @Test
    void theStateIsThatOfTheSeed() throws InterruptedException {
        PretrainConfig config = config(QUEUE);
        try (PretrainSetup setup = PretrainSetup.begin(config, 1)) {
            NDManager manager = setup.manager();
            MocoState expected = MocoState.initial(manager, setup.method().layout(0), 8, QUEUE, config.seed());
            List<NDArray> made = MocoState.of(setup.initialState(0)).arrays();
            for (int i = 0; i < made.size(); i++) {
                assertThat(made.get(i).toFloatArray())
                        .isEqualTo(expected.arrays().get(i).toFloatArray());
            }
            assertThat(setup.decoder().jpegDecoder()).isNotEmpty();
            assertThat(setup.program()).isNotNull();
        }
    }

    @Test
    void aStateThatIsNotNeededIsFreed() throws InterruptedException {
        PretrainSetup setup = PretrainSetup.begin(config(QUEUE), 1);
        setup.dropInitialState();
        NDArray query = MocoState.of(setup.initialState(0)).query();
        setup.close();
        assertThatThrownBy(query::toFloatArray).hasMessageContaining("Native resource has been release");
    }

    @Test
    void nothingIsBegunThatDoesNotFit() {
        try (PretrainSetup setup = PretrainSetup.begin(config(1 << 30), 1)) {
            assertThatThrownBy(setup::manager)
                    .isInstanceOfSatisfying(
                            StageFailure.class,
                            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                    .hasMessageStartingWith("pretrain needs about ");
            assertThatThrownBy(() -> setup.initialState(0)).isInstanceOf(StageFailure.class);
        }
    }

    private static PretrainConfig config(int queue) {
        return new PretrainConfig(
                Architecture.RESNET10W16,
                Head.MLP,
                8,
                32,
                Augmentation.AUG_PLUS,
                1,
                8,
                1,
                new Contrast(queue, 0.2, 0.99),
                new Optimizer(0.03, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of()),
                Precision.FLOAT32,
                7);
    }
}
