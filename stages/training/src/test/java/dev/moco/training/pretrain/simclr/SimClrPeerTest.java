package dev.moco.training.pretrain.simclr;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.engine.WarmupCosine;
import dev.moco.training.peer.Peer;
import dev.moco.training.peer.PeerSteps;
import dev.moco.training.peer.Weights;
import dev.moco.training.pretrain.TrainedEncoder;
import dev.moco.training.pretrain.simclr.SimClr.SimClrSettings;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.FlatLayout.FlatTensor;
import dev.moco.training.resnet.sweep.Network;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Twenty steps of SimCLR over two ranks of two chunks, from the first of the warm-up to the last of the cosine, as in plain
 * PyTorch, where a step is one graph over all views.
 */
@Tag("peer")
class SimClrPeerTest {
    private static final Logger LOG = LoggerFactory.getLogger(SimClrPeerTest.class);
    private static final int DIMENSION = 128;
    private static final SimClrSettings SETTINGS = new SimClrSettings(2, 2, .1, .9, 1e-6, true);
    /** Rate of the recipe for this batch. A larger one multiplies rounding. */
    private static final double PEAK = .3 * PeerSteps.BATCH / 256;

    private static final int EPOCHS = 5;
    private static final int WARMUP_EPOCHS = 1;
    private static final int IMAGES = PeerSteps.COUNT * PeerSteps.BATCH / EPOCHS;
    private static final EncoderLayout LAYOUT =
            EncoderLayout.of(PeerSteps.ARCHITECTURE, Head.BATCH_NORM_MLP, DIMENSION);

    /**
     * The float32 bounds leave a factor of four. Most of the difference is PyTorch's: of its losses in float64, those of its
     * own float32 are up to 2.7e-2 away, ours 1.2e-4.
     */
    @ParameterizedTest(name = "in {0}")
    @CsvSource({"FLOAT64, 1e-9, 1e-9", "FLOAT32, 2.5e-2, 4e-3"})
    void twentyStepsArePyTorchs(DataType type, double losses, double state, @TempDir Path folder)
            throws IOException, InterruptedException {
        Peer peer = new Peer(folder, type);
        double[] parameters = parameters();
        PeerSteps.give(peer, LAYOUT, parameters);
        double[] rates = rates(peer);
        try (NDManager manager = TorchEngine.start(1)) {
            TrainedEncoder encoder = PeerSteps.encoder(manager, type, LAYOUT, parameters);
            double[] found = new double[rates.length];
            try (SimClr simClr = new SimClr(
                    TorchProgram.compile(Device.cpu(), Map.of(), SimClr.PROGRAM),
                    Network.of(LAYOUT.resnet()),
                    LAYOUT.flat(),
                    SETTINGS,
                    encoder,
                    Collectives.ALONE)) {
                for (int step = 0; step < rates.length; step++) {
                    found[step] = simClr.step(
                                    PeerSteps.images(manager, peer, "a", step, 0),
                                    PeerSteps.images(manager, peer, "b", step, 1),
                                    rates[step])
                            .loss();
                }
            }
            peer.run("simclr");

            double ofLosses = peer.difference("losses", found);
            double ofState = PeerSteps.difference(peer, "", LAYOUT, encoder);
            LOG.info("type={} losses={} state={}", type, ofLosses, ofState);
            assertThat(peer.difference("rates", rates)).as("rates").isLessThanOrEqualTo(1e-12);
            assertThat(ofLosses).as("losses").isLessThanOrEqualTo(losses);
            assertThat(ofState).as("state").isLessThanOrEqualTo(state);
        }
    }

    /** The last batch norm has no bias. */
    private static double[] parameters() {
        double[] parameters = Weights.withSmallResiduals(LAYOUT, PeerSteps.ARCHITECTURE);
        FlatTensor bias = LAYOUT.parameters().stream()
                .filter(tensor -> tensor.name().equals("head.4.bias"))
                .findFirst()
                .orElseThrow();
        Arrays.fill(parameters, bias.offset(), bias.offset() + bias.size(), 0);
        return parameters;
    }

    /** Rates of the steps; the peer finds them from the same numbers. */
    private static double[] rates(Peer peer) {
        peer.settings()
                .put("dimension", DIMENSION)
                .put("temperature", SETTINGS.temperature())
                .put("momentum", SETTINGS.momentum())
                .put("decay", SETTINGS.weightDecay())
                .put("steps", PeerSteps.COUNT)
                .put("peak", PEAK)
                .put("images", IMAGES)
                .put("batch", PeerSteps.BATCH)
                .put("epochs", EPOCHS)
                .put("warmupEpochs", WARMUP_EPOCHS);
        WarmupCosine schedule = WarmupCosine.of(PEAK, IMAGES, PeerSteps.BATCH, EPOCHS, WARMUP_EPOCHS);
        return LongStream.range(0, PeerSteps.COUNT)
                .mapToDouble(schedule::learningRate)
                .toArray();
    }
}
