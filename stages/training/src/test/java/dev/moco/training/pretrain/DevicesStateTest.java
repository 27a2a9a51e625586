package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.Processes;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.progress.Metrics;
import dev.moco.training.resnet.EncoderLayout;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Steps of several processes, over their connections, beside those of one. */
class DevicesStateTest {
    private static final EncoderLayout LAYOUT = EncoderLayout.of(Architecture.RESNET10W16, Head.MLP, 32);
    private static final int RANKS = 8;
    private static final int BATCH = 16;
    private static final int SIDE = 16;
    private static final int STEPS = 6;

    /** End of a process: SHA-256 of every array but the statistics of its own ranks, and of those too. */
    private record End(String shared, String state, List<Metrics> metrics) {}

    @Test
    void theNumberOfProcessesChangesNoByteOfTheState() throws Exception {
        End alone = ends(1).get(0);
        for (int size : new int[] {2, 4, 8}) {
            List<End> ends = ends(size);
            assertThat(ends.get(0)).isEqualTo(alone);
            assertThat(ends)
                    .extracting(End::shared)
                    .containsOnly(alone.shared())
                    .hasSize(size);
            assertThat(ends).extracting(End::metrics).containsOnly(alone.metrics());
        }
    }

    @Test
    void ranksSideBySideInEachProcessChangeNothingEither() throws Exception {
        assertThat(Processes.of(2, (collectives, scope) -> end(collectives, scope, 2))
                        .get(0))
                .isEqualTo(ends(1).get(0));
    }

    private static List<End> ends(int size) throws Exception {
        return Processes.of(size, (collectives, scope) -> end(collectives, scope, 1));
    }

    private static End end(Collectives collectives, NDManager manager, int ranksAtOnce) throws Exception {
        MomentumContrast.Settings settings =
                new MomentumContrast.Settings(RANKS, 0.2, 0.99, 0.9, 1e-4, Precision.FLOAT32);
        MocoState state = MocoState.initial(manager, LAYOUT, 32, 2 * BATCH, 1);
        try (RankThreads ranks = new RankThreads(ranksAtOnce);
                MomentumContrast contrast = new MomentumContrast(
                        MomentumContrast.compile(manager.getDevice()),
                        LAYOUT,
                        settings,
                        state,
                        0,
                        ranks,
                        collectives)) {
            Metrics[] metrics = new Metrics[STEPS];
            for (int step = 0; step < STEPS; step++) {
                try (NDManager scope = manager.newSubManager()) {
                    NDArray query = images(scope, collectives, 2L * step);
                    NDArray key = images(scope, collectives, 2L * step + 1);
                    metrics[step] = contrast.step(query, key, Shuffle.of(1, step, BATCH), 0.03);
                }
            }
            return new End(
                    hash(List.of(state.query(), state.key(), state.velocity(), state.queue())),
                    hash(state.arrays()),
                    List.of(metrics));
        }
    }

    /** This process's part of the images of a view. */
    private static NDArray images(NDManager scope, Collectives collectives, long view) {
        int share = BATCH / collectives.world().size();
        ByteBuffer pixels = ByteBuffer.allocateDirect(share * SIDE * SIDE * 3);
        for (int i = 0; i < share; i++) {
            CounterRandom noise = CounterRandom.of(2, view, collectives.world().index() * share + i);
            for (int j = 0; j < SIDE * SIDE * 3; j++) {
                pixels.put((byte) noise.nextInt(256));
            }
        }
        return scope.create(pixels.flip(), new Shape(share, SIDE, SIDE, 3), DataType.UINT8);
    }

    private static String hash(List<NDArray> arrays) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (NDArray array : arrays) {
            digest.update(array.toByteArray());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
