package dev.moco.training.resnet;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.Architecture;
import dev.moco.contract.Precision;
import dev.moco.training.VectorNumbers;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.engine.TorchProgram;
import dev.moco.training.peer.Peer;
import dev.moco.training.peer.SyntheticImages;
import dev.moco.training.peer.Weights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Features, running statistics and gradients of ResNets as torchvision's have them. */
@Tag("peer")
class FeaturesPeerTest {
    private static final Logger LOG = LoggerFactory.getLogger(FeaturesPeerTest.class);
    private static final int IMAGES = 4;
    private static final int SIDE = 64;
    private static final double EXACT = 1e-9;

    /** Found: 9.2e-6. */
    private static final double FLOAT32_VALUES = 3e-5;

    /**
     * Relative to the gradient's length; found: 7.4e-3. Rounding switches a few ReLUs on or off: PyTorch's own float32 is
     * as far from its float64.
     */
    private static final double FLOAT32_GRADIENTS = 3e-2;

    private static final String PROGRAM = "/dev/moco/training/resnet/features_gradient.py";

    @ParameterizedTest(name = "{0} in {1}")
    @CsvSource({
        "RESNET18, FLOAT64",
        "RESNET50, FLOAT64",
        "RESNET101, FLOAT64",
        "RESNET18, FLOAT32",
        "RESNET50, FLOAT32",
        "RESNET101, FLOAT32"
    })
    void featuresStatisticsAndGradientsAreTorchvisions(Architecture architecture, DataType type, @TempDir Path folder)
            throws IOException, InterruptedException {
        EncoderLayout layout = EncoderLayout.backbone(architecture);
        double[] parameters = Weights.withSmallResiduals(layout, architecture);
        double[] statistics = VectorNumbers.statistics(layout);
        byte[] images = SyntheticImages.images(IMAGES, SIDE, 1, 0);
        double[] directions = VectorNumbers.symmetric(1, IMAGES * architecture.features());
        Peer peer = new Peer(folder, type);
        peer.settings().put("architecture", architecture.id());
        peer.give(layout.parameters(), parameters);
        peer.give(layout.statistics(), statistics);
        peer.give("images", List.of(IMAGES, SIDE, SIDE, 3), SyntheticImages.numbers(images));
        peer.give("directions", List.of(IMAGES, architecture.features()), directions);
        peer.run("features");

        try (NDManager manager = TorchEngine.start(1);
                TorchProgram program = TorchProgram.compile(Device.cpu(), PROGRAM)) {
            NDArray flat = manager.create(parameters).toType(type, true);
            NDArray updated = manager.create(statistics).toType(type, true);
            NDArray input = manager.create(ByteBuffer.wrap(images), new Shape(IMAGES, SIDE, SIDE, 3), DataType.UINT8);
            NDArray weights = manager.create(directions, new Shape(IMAGES, architecture.features()))
                    .toType(type, true);
            NDList found = program.callWithGradients(
                    manager,
                    "features_gradient",
                    new EncoderArguments(layout, Precision.FLOAT32).of(flat, updated),
                    input,
                    weights);
            NDArray evaluated = program.call(
                            manager,
                            "features",
                            new EncoderArguments(layout, Precision.FLOAT32).of(flat, updated),
                            input,
                            -1.)
                    .singletonOrThrow();
            double ofFeatures = peer.difference("train.features", found.get(0));
            double ofEvaluation = peer.difference("evaluation.features", evaluated);
            double ofStatistics = peer.difference("statistics.", layout.statistics(), updated);
            double ofGradients = type == DataType.FLOAT64
                    ? peer.difference("train.gradient.", layout.parameters(), found.get(1))
                    : peer.distance("train.gradient.", layout.parameters(), found.get(1));
            LOG.info(
                    "architecture={} type={} features={} evaluation={} statistics={} gradients={}",
                    architecture,
                    type,
                    ofFeatures,
                    ofEvaluation,
                    ofStatistics,
                    ofGradients);
            double values = type == DataType.FLOAT64 ? EXACT : FLOAT32_VALUES;
            assertThat(ofFeatures).as("features").isLessThanOrEqualTo(values);
            assertThat(ofEvaluation).as("features in evaluation").isLessThanOrEqualTo(values);
            assertThat(ofStatistics).as("statistics").isLessThanOrEqualTo(values);
            assertThat(ofGradients)
                    .as("gradients")
                    .isLessThanOrEqualTo(type == DataType.FLOAT64 ? EXACT : FLOAT32_GRADIENTS);
        }
    }
}
