package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.PretrainConfig;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.Processes;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.device.BatchViews;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.progress.Metrics;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Steps of every method by several processes, over their connections, beside those of one. */
class MethodDevicesTest {
    private static final int RANKS = 4;
    private static final int STEPS = 3;
    private static final int CLASSES = 3;

    /** MethodEnd of the first process: SHA-256 of its state, and the metrics of its steps. */
    private record MethodEnd(String state, List<Metrics> metrics) {}

    @ParameterizedTest
    @EnumSource
    void theNumberOfProcessesChangesNoByte(SmallRuns small) throws Exception {
        MethodEnd alone = end(small, 1, 1);
        assertThat(end(small, 1, 3)).isEqualTo(alone);
        assertThat(end(small, 2, 1)).isEqualTo(alone);
        assertThat(end(small, 2, 2)).isEqualTo(alone);
        assertThat(end(small, 4, 1)).isEqualTo(alone);
    }

    private static MethodEnd end(SmallRuns small, int size, int ranksAtOnce) throws Exception {
        return Processes.of(size, (collectives, manager) -> steps(small, collectives, manager, ranksAtOnce))
                .get(0);
    }

    private static MethodEnd steps(SmallRuns small, Collectives collectives, NDManager manager, int ranksAtOnce)
            throws Exception {
        PretrainConfig config = small.config(RANKS);
        Method method = Method.of(config);
        try (RankThreads threads = new RankThreads(ranksAtOnce);
                Trainer trainer = method.begin(
                        method.initial(manager, CLASSES),
                        new Method.Means(
                                TorchProgram.compile(manager.getDevice(), Map.of(), method.program()),
                                threads,
                                collectives,
                                CLASSES,
                                0))) {
            List<Metrics> metrics = new ArrayList<>();
            int held = manager.getManagedArrays().size();
            for (int step = 0; step < STEPS; step++) {
                try (NDManager scope = manager.newSubManager()) {
                    NDArray query = images(scope, collectives, 2L * step);
                    NDArray key = images(scope, collectives, 2L * step + 1);
                    int[] labels = new int[(int) query.getShape().get(0)];
                    for (int i = 0; i < labels.length; i++) {
                        labels[i] = (collectives.world().index() * labels.length + i) % CLASSES;
                    }
                    double[] ofOwnRanks = trainer.steps()
                            .make(new TrainingBatch(new BatchViews.Pair(query, key), labels, step), 0.05);
                    metrics.add(StepAgreement.of(collectives, ofOwnRanks, false, false)
                            .metrics());
                }
                assertThat(manager.getManagedArrays()).hasSize(held); // no step leaves arrays behind
            }
            return new MethodEnd(hash(trainer.state()), metrics);
        }
    }

    /** This process's part of the images of a view. */
    private static NDArray images(NDManager scope, Collectives collectives, long view) {
        int share = SmallRuns.BATCH / collectives.world().size();
        ByteBuffer pixels = ByteBuffer.allocateDirect(share * SmallRuns.SIZE * SmallRuns.SIZE * 3);
        for (int i = 0; i < share; i++) {
            CounterRandom noise = CounterRandom.of(2, view, collectives.world().index() * share + i);
            while (pixels.position() < pixels.capacity() / share * (i + 1)) {
                pixels.put((byte) noise.nextInt(256));
            }
        }
        return scope.create(pixels.flip(), new Shape(share, SmallRuns.SIZE, SmallRuns.SIZE, 3), DataType.UINT8);
    }

    private static String hash(Map<String, NDArray> state) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        for (NDArray array : state.values()) {
            digest.update(array.toByteArray());
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
