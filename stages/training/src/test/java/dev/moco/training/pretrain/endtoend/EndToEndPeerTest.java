package dev.moco.training.pretrain.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.peer.Peer;
import dev.moco.training.peer.PeerSteps;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.endtoend.EndToEnd.EndToEndSettings;
import dev.moco.training.resnet.EncoderLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Twenty end-to-end steps over ranks of two groups each, with ShuffleBN and a falling rate, as in plain PyTorch. */
@Tag("peer")
class EndToEndPeerTest {
    private static final Logger LOG = LoggerFactory.getLogger(EndToEndPeerTest.class);
    private static final int DIMENSION = 128;
    private static final int RANKS = 2;
    private static final int GROUP_IMAGES = 4;
    /** Rate of the recipe for this batch. A larger one multiplies rounding: statistics of four images amplify it. */
    private static final double RATE = .03 * PeerSteps.BATCH / 256;

    private static final EncoderLayout LAYOUT = EncoderLayout.of(PeerSteps.ARCHITECTURE, Head.MLP, DIMENSION);

    @ParameterizedTest(name = "in {0}, shared {1}, symmetric {2}")
    @CsvSource({
        "FLOAT64, false, false, 1e-9, 1e-9",
        "FLOAT64, true,  true,  1e-9, 1e-9",
        "FLOAT32, false, false, 5e-4, 1e-4"
    })
    void twentyStepsArePyTorchs(
            DataType type, boolean shared, boolean symmetric, double losses, double state, @TempDir Path folder)
            throws IOException, InterruptedException {
        EndToEndSettings settings =
                new EndToEndSettings(RANKS, GROUP_IMAGES, .2, symmetric, .9, 1e-4, Precision.FLOAT32);
        Peer peer = new Peer(folder, type);
        double[] parameters = PeerSteps.parameters(peer, LAYOUT);
        try (NDManager manager = TorchEngine.start(1);
                RankThreads threads = new RankThreads(1)) {
            TrainedEncoder query = PeerSteps.encoder(manager, type, LAYOUT, parameters);
            Optional<TrainedEncoder> key =
                    shared ? Optional.empty() : Optional.of(PeerSteps.encoder(manager, type, LAYOUT, parameters));
            double[] found;
            try (EndToEnd endToEnd = new EndToEnd(
                    TorchProgram.compile(Device.cpu(), Map.of(), EndToEnd.PROGRAM),
                    LAYOUT,
                    settings,
                    query,
                    key,
                    threads,
                    Collectives.ALONE)) {
                found = steps(endToEnd, settings, shared, manager, peer);
            }
            peer.run("end_to_end");

            double ofLosses = peer.difference("losses", found);
            double ofState = PeerSteps.difference(peer, "query.", LAYOUT, query);
            if (key.isPresent()) {
                ofState = Math.max(ofState, PeerSteps.difference(peer, "key.", LAYOUT, key.get()));
            }
            LOG.info("type={} shared={} symmetric={} losses={} state={}", type, shared, symmetric, ofLosses, ofState);
            assertThat(ofLosses).as("losses").isLessThanOrEqualTo(losses);
            assertThat(ofState).as("state").isLessThanOrEqualTo(state);
        }
    }

    /** Losses of the steps, whose inputs are written for the peer. */
    private static double[] steps(
            EndToEnd endToEnd, EndToEndSettings settings, boolean shared, NDManager manager, Peer peer)
            throws IOException {
        peer.settings()
                .put("dimension", DIMENSION)
                .put("groups", PeerSteps.BATCH / settings.groupImages())
                .put("shared", shared)
                .put("symmetric", settings.symmetric())
                .put("temperature", settings.temperature())
                .put("momentum", settings.momentum())
                .put("decay", settings.weightDecay());
        double[] rates = PeerSteps.rates(peer, RATE);
        double[] losses = new double[PeerSteps.COUNT];
        for (int step = 0; step < losses.length; step++) {
            losses[step] = endToEnd.step(
                            PeerSteps.images(manager, peer, "queries", step, 0),
                            PeerSteps.images(manager, peer, "keys", step, 1),
                            PeerSteps.shuffle(peer, step),
                            rates[step])
                    .loss();
        }
        return losses;
    }
}
