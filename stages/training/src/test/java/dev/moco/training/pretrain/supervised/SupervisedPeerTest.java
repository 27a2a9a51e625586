package dev.moco.training.pretrain.supervised;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.engine.RankThreads;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.peer.Peer;
import dev.moco.training.peer.PeerSteps;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.supervised.Supervised.SupervisedSettings;
import dev.moco.training.resnet.EncoderLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Twenty supervised steps over two ranks, with a falling rate, as in plain PyTorch. */
@Tag("peer")
class SupervisedPeerTest {
    private static final Logger LOG = LoggerFactory.getLogger(SupervisedPeerTest.class);
    private static final int CLASSES = 10;
    private static final int RANKS = 2;
    /** Rate of the recipe for this batch. A larger one multiplies rounding. */
    private static final double RATE = .1 * PeerSteps.BATCH / 256;

    private static final SupervisedSettings SETTINGS =
            new SupervisedSettings(RANKS, PeerSteps.BATCH / RANKS, .9, 1e-4, Precision.FLOAT32);
    private static final EncoderLayout LAYOUT = EncoderLayout.of(PeerSteps.ARCHITECTURE, Head.CLASSES, CLASSES);

    @ParameterizedTest(name = "in {0}")
    @CsvSource({"FLOAT64, 1e-9, 1e-9", "FLOAT32, 1e-4, 1e-4"})
    void twentyStepsArePyTorchs(DataType type, double losses, double state, @TempDir Path folder)
            throws IOException, InterruptedException {
        Peer peer = new Peer(folder, type);
        double[] parameters = PeerSteps.parameters(peer, LAYOUT);
        try (NDManager manager = TorchEngine.start(1);
                RankThreads threads = new RankThreads(1)) {
            TrainedEncoder encoder = PeerSteps.encoder(manager, type, LAYOUT, parameters);
            double[] found;
            try (Supervised supervised = new Supervised(
                    TorchProgram.compile(Device.cpu(), Map.of(), Supervised.PROGRAM),
                    LAYOUT,
                    SETTINGS,
                    encoder,
                    threads,
                    Collectives.ALONE)) {
                found = steps(supervised, manager, peer);
            }
            peer.run("supervised");

            double ofLosses = peer.difference("losses", found);
            double ofState = PeerSteps.difference(peer, "", LAYOUT, encoder);
            LOG.info("type={} losses={} state={}", type, ofLosses, ofState);
            assertThat(ofLosses).as("losses").isLessThanOrEqualTo(losses);
            assertThat(ofState).as("state").isLessThanOrEqualTo(state);
        }
    }

    /** Losses of the steps, whose inputs are written for the peer. */
    private static double[] steps(Supervised supervised, NDManager manager, Peer peer) throws IOException {
        peer.settings()
                .put("classes", CLASSES)
                .put("groups", PeerSteps.BATCH / SETTINGS.groupImages())
                .put("momentum", SETTINGS.momentum())
                .put("decay", SETTINGS.weightDecay());
        double[] rates = PeerSteps.rates(peer, RATE);
        double[] losses = new double[PeerSteps.COUNT];
        for (int step = 0; step < losses.length; step++) {
            losses[step] = supervised
                    .step(PeerSteps.images(manager, peer, "images", step, 0), labels(manager, peer, step), rates[step])
                    .loss();
        }
        return losses;
    }

    private static NDArray labels(NDManager manager, Peer peer, int step) throws IOException {
        CounterRandom random = CounterRandom.of(step);
        long[] labels = LongStream.generate(() -> random.nextInt(CLASSES))
                .limit(PeerSteps.BATCH)
                .toArray();
        peer.give(
                "labels." + step,
                List.of(labels.length),
                LongStream.of(labels).asDoubleStream().toArray());
        return manager.create(labels);
    }
}
