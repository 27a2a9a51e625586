package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.VectorNumbers;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.peer.Peer;
import dev.moco.training.peer.PeerSteps;
import dev.moco.training.pretrain.MomentumContrast.Settings;
import dev.moco.training.resnet.EncoderLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Twenty steps of MoCo v2 over ranks, ShuffleBN, a falling rate and a queue that comes round, as in plain PyTorch. */
@Tag("peer")
class MomentumContrastPeerTest {
    private static final Logger LOG = LoggerFactory.getLogger(MomentumContrastPeerTest.class);
    private static final int DIMENSION = 128;
    private static final int QUEUE = 256;
    private static final Settings SETTINGS = new Settings(2, .2, .99, .9, 1e-4, Precision.FLOAT32);
    private static final EncoderLayout LAYOUT = EncoderLayout.of(PeerSteps.ARCHITECTURE, Head.MLP, DIMENSION);

    /**
     * The float32 bounds leave a factor of four: found 5.7e-4 for the losses, and 2.6e-4 of the length of the query
     * encoder's parameters. Each step feeds what rounding did to the next; the first loss agrees to 1e-7.
     */
    @ParameterizedTest(name = "in {0}")
    @CsvSource({"FLOAT64, 1e-9, 1e-9", "FLOAT32, 2e-3, 1e-3"})
    void twentyStepsArePyTorchs(DataType type, double losses, double state, @TempDir Path folder)
            throws IOException, InterruptedException {
        Peer peer = new Peer(folder, type);
        double[] parameters = PeerSteps.parameters(peer, LAYOUT);
        try (NDManager manager = TorchEngine.start(1);
                RankThreads threads = new RankThreads(1);
                MomentumContrast moco =
                        new MomentumContrast(LAYOUT, SETTINGS, state(manager, type, parameters), 0, threads)) {
            peer.give(
                    "queue",
                    List.of(DIMENSION, QUEUE),
                    Peer.doubles(moco.state().queue()));
            double[] found = steps(moco, manager, peer);
            peer.run("moco");

            double ofLosses = peer.difference("losses", found);
            double ofState = type == DataType.FLOAT64
                    ? difference(peer, moco.state())
                    : peer.distance("query.", LAYOUT.parameters(), moco.state().query());
            LOG.info("type={} losses={} state={}", type, ofLosses, ofState);
            assertThat(ofLosses).as("losses").isLessThanOrEqualTo(losses);
            assertThat(ofState).as("state").isLessThanOrEqualTo(state);
        }
    }

    /** Losses of the steps, whose inputs are written for the peer. */
    private static double[] steps(MomentumContrast moco, NDManager manager, Peer peer) throws IOException {
        peer.settings()
                .put("dimension", DIMENSION)
                .put("ranks", SETTINGS.ranks())
                .put("temperature", SETTINGS.temperature())
                .put("keyMomentum", SETTINGS.keyMomentum())
                .put("momentum", SETTINGS.momentum())
                .put("decay", SETTINGS.weightDecay());
        double[] rates = PeerSteps.rates(peer, .03);
        double[] losses = new double[PeerSteps.COUNT];
        for (int step = 0; step < losses.length; step++) {
            losses[step] = moco.step(
                            PeerSteps.images(manager, peer, "queries", step, 0),
                            PeerSteps.images(manager, peer, "keys", step, 1),
                            PeerSteps.shuffle(peer, step),
                            rates[step])
                    .loss();
        }
        return losses;
    }

    private static MocoState state(NDManager manager, DataType type, double[] parameters) {
        NDArray columns = manager.create(VectorNumbers.symmetric(2, DIMENSION * QUEUE), new Shape(DIMENSION, QUEUE));
        NDArray queue = columns.div(columns.square().sum(new int[] {0}, true).sqrt());
        TrainedEncoder query = PeerSteps.encoder(manager, type, LAYOUT, parameters);
        TrainedEncoder key = PeerSteps.encoder(manager, type, LAYOUT, parameters);
        return new MocoState(
                query.parameters(),
                query.statistics(),
                key.parameters(),
                key.statistics(),
                query.velocity(),
                queue.toType(type, true));
    }

    /** Largest difference of any tensor after the last step. */
    private static double difference(Peer peer, MocoState state) throws IOException {
        return DoubleStream.of(
                        peer.difference("query.", LAYOUT.parameters(), state.query()),
                        peer.difference("query.", LAYOUT.statistics(), state.queryStatistics()),
                        peer.difference("key.", LAYOUT.parameters(), state.key()),
                        peer.difference("key.", LAYOUT.statistics(), state.keyStatistics()),
                        peer.difference("velocity.", LAYOUT.parameters(), state.velocity()),
                        peer.difference("queue", state.queue()))
                .max()
                .orElseThrow();
    }
}
