package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.resnet.EncoderLayout;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class MomentumContrastTest {
    private static final int BATCH = 16;
    private static final int SIDE = 16;
    /** More images than the queue has keys, so that the queue never has an older key of the same image. */
    private static final int IMAGES = 8 * BATCH;

    @Test
    void stepsLeaveNoArraysBehindAndBringTheLossDown() {
        EncoderLayout layout = EncoderLayout.of(Architecture.RESNET10W16, Head.MLP, 32);
        try (NDManager manager = TorchEngine.start(1);
                RankThreads ranks = new RankThreads(2);
                MomentumContrast contrast = new MomentumContrast(
                        layout,
                        new MomentumContrast.Settings(2, 0.2, 0.99, 0.9, 1e-4, Precision.FLOAT32),
                        MocoState.initial(manager, layout, 32, 2 * BATCH, 1),
                        0,
                        ranks)) {
            // The loss of the first steps says nothing, since random keys are easy to distinguish.
            steps(manager, contrast, 0, 4);
            double early = steps(manager, contrast, 4, 12);
            int arrays = manager.getManagedArrays().size();
            steps(manager, contrast, 12, 72);
            double late = steps(manager, contrast, 72, 80);
            assertThat(manager.getManagedArrays()).hasSize(arrays);
            assertThat(late).isLessThan(0.9 * early);
        }
    }

    @Test
    void theQueuesKeysStayOfUnitLength() {
        EncoderLayout layout = EncoderLayout.of(Architecture.RESNET10W16, Head.FC, 8);
        try (NDManager manager = TorchEngine.start(1);
                RankThreads ranks = new RankThreads(1);
                MomentumContrast contrast = new MomentumContrast(
                        layout,
                        new MomentumContrast.Settings(1, 0.07, 0.9, 0.9, 1e-4, Precision.FLOAT32),
                        MocoState.initial(manager, layout, 8, 2 * BATCH, 1),
                        0,
                        ranks)) {
            steps(manager, contrast, 0, 1);
            assertThat(contrast.pointer()).isEqualTo(BATCH);
            for (float square :
                    contrast.state().queue().square().sum(new int[] {0}).toFloatArray()) {
                assertThat(square).isBetween(0.9999f, 1.0001f);
            }
        }
    }

    /** Mean loss of steps over the images in order; each image has a color of its own, each view its own noise. */
    private static double steps(NDManager manager, MomentumContrast contrast, int first, int end) {
        double loss = 0;
        for (int step = first; step < end; step++) {
            try (NDManager scope = manager.newSubManager()) {
                NDArray query = images(scope, step, 2L * step);
                NDArray key = images(scope, step, 2L * step + 1);
                loss += contrast.step(query, key, Shuffle.of(1, step, BATCH), 0.03)
                        .loss();
            }
        }
        return loss / (end - first);
    }

    private static NDArray images(NDManager scope, int step, long view) {
        ByteBuffer pixels = ByteBuffer.allocateDirect(BATCH * SIDE * SIDE * 3);
        CounterRandom noise = CounterRandom.of(2, view);
        for (int image = 0; image < BATCH; image++) {
            CounterRandom own = CounterRandom.of(3, (step * BATCH + image) % IMAGES);
            int[] color = {own.nextInt(200), own.nextInt(200), own.nextInt(200)};
            for (int i = 0; i < SIDE * SIDE * 3; i++) {
                pixels.put((byte) (color[i % 3] + noise.nextInt(50)));
            }
        }
        return scope.create(pixels.flip(), new Shape(BATCH, SIDE, SIDE, 3), DataType.UINT8);
    }
}
