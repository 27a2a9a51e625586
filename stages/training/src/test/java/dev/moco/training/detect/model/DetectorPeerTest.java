package dev.moco.training.detect.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ArrayNode;
import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.Precision;
import dev.moco.training.VectorNumbers;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.detect.boxes.AnchorGrid;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.RankTargets;
import dev.moco.training.detect.boxes.TargetAssignment;
import dev.moco.training.detect.input.ImageBatch;
import dev.moco.training.detect.input.TinyScenes;
import dev.moco.training.detect.input.TrainingImage;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.peer.Peer;
import dev.moco.training.peer.SyntheticImages;
import dev.moco.training.resnet.FlatLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compares an iteration of Faster R-CNN C4 on ResNet-50 with torchvision and PyTorch: torchvision's matching and NMS must
 * allow the anchors and regions drawn; the losses, their gradients and the statistics must be PyTorch's.
 */
@Tag("peer")
class DetectorPeerTest {
    private static final Logger LOG = LoggerFactory.getLogger(DetectorPeerTest.class);
    private static final int IMAGES_OF_RANK = 2;
    private static final double NORM_MOMENTUM = .1;

    /**
     * Differences measured in float32: losses 8.3e-7, statistics 1.3e-5, and 4.8e-3 of the norm of the gradients, where
     * ReLU inputs change sign. One rank differs more than two, as PyTorch's batch norm sums channels-last maps sequentially.
     */
    @ParameterizedTest(name = "{0} ranks in {1}")
    @CsvSource({
        "1, FLOAT64, 1e-9, 1e-9",
        "2, FLOAT64, 1e-9, 1e-9",
        "1, FLOAT32, 4e-5, 1.5e-2",
        "2, FLOAT32, 2.4e-6, 2.4e-3"
    })
    void anIterationEqualsTorchvision(int ranks, DataType type, double losses, double gradients, @TempDir Path folder)
            throws IOException, InterruptedException {
        DetectConfig config = config(ranks);
        AnchorGrid anchors =
                new AnchorGrid(config.anchors(), config.architecture().strideOfLayer3());
        DetectorLayout layout = DetectorLayout.of(config.architecture(), anchors.perCell(), TinyScenes.CLASSES);
        List<List<TrainingImage>> images = images(ranks);
        Peer peer = peer(folder, type, config, images);
        float[] parameters = parameters(layout);
        float[] statistics = InitialWeights.draw(layout, 7).statistics();
        peer.give(named(layout).parameters(), doubles(parameters));
        peer.give(named(layout).statistics(), doubles(statistics));

        try (NDManager manager = TorchEngine.start(1);
                DetectorProgram program = new DetectorProgram(Device.cpu(), config, layout)) {
            DetectorState state = new DetectorState(
                    manager.create(parameters).toType(type, true),
                    manager.create(statistics).toType(type, true),
                    manager.zeros(new Shape(parameters.length), type));
            NDArray found = iterate(manager, program, state, config, anchors, images, type, peer);
            peer.run("detection");

            double lossError = peer.difference("losses", found);
            double statisticsError =
                    peer.difference("statistics.", named(layout).statistics(), state.statistics());
            double gradientError = type == DataType.FLOAT64
                    ? peer.difference("gradient.", named(layout).parameters(), state.velocity())
                    : peer.distance("gradient.", named(layout).parameters(), state.velocity());
            LOG.info(
                    "ranks={} type={} losses={} statistics={} gradients={}",
                    ranks,
                    type,
                    lossError,
                    statisticsError,
                    gradientError);
            if (type == DataType.FLOAT32) {
                assertThat(Losses.of(found.toFloatArray())).isEqualTo(trained(manager, config, layout, images));
            }
            assertThat(lossError).as("losses").isLessThanOrEqualTo(losses);
            assertThat(statisticsError).as("statistics").isLessThanOrEqualTo(losses);
            assertThat(gradientError).as("gradients").isLessThanOrEqualTo(gradients);
        }
    }

    /** Does the same as {@link Detector#train} in any data type, without weight decay; leaves the gradients in the velocity. */
    private static NDArray iterate(
            NDManager manager,
            DetectorProgram program,
            DetectorState state,
            DetectConfig config,
            AnchorGrid anchors,
            List<List<TrainingImage>> images,
            DataType type,
            Peer peer)
            throws IOException {
        NDList tensors = new NDList();
        for (List<TrainingImage> ofRank : images) {
            tensors.add(ImageBatch.tensor(
                            manager, ofRank.stream().map(TrainingImage::pixels).toList())
                    .toType(type, true));
        }
        DetectorProgram.Trunk trunk = program.trunk(manager, state, tensors, NORM_MOMENTUM, true);
        TargetAssignment assignment = new TargetAssignment(config, TinyScenes.CLASSES);
        List<RankTargets> targets = Detector.targets(assignment, anchors, images, trunk, 0);
        for (int rank = 0; rank < targets.size(); rank++) {
            give(peer, rank, targets.get(rank));
        }
        DetectorProgram.Targets drawn = DetectorProgram.Targets.of(manager, targets);
        return program.step(
                manager,
                state,
                trunk,
                new DetectorProgram.Targets(
                        drawn.sampled(),
                        as(type, drawn.anchorDeltas()),
                        as(type, drawn.regions()),
                        drawn.labels(),
                        drawn.foreground(),
                        as(type, drawn.boxDeltas())),
                NORM_MOMENTUM,
                (double) config.proposals().batchPerImage() * IMAGES_OF_RANK,
                new DetectorProgram.Sgd(.02, .9, 0));
    }

    /** Losses of {@link Detector} itself, to show that {@link #iterate} does the same. */
    private static Losses trained(
            NDManager manager, DetectConfig config, DetectorLayout layout, List<List<TrainingImage>> images) {
        float[] parameters = parameters(layout);
        float[] statistics = InitialWeights.draw(layout, 7).statistics();
        try (Detector detector = new Detector(Device.cpu(), config, TinyScenes.CLASSES);
                DetectorState state = DetectorState.of(manager, parameters, statistics, new float[parameters.length])) {
            return detector.train(state, images, 0, .02);
        }
    }

    private static void give(Peer peer, int rank, RankTargets targets) throws IOException {
        peer.give("sampled." + rank, List.of(targets.sampled().length), doubles(targets.sampled()));
        peer.give(
                "anchor_deltas." + rank,
                List.of(targets.anchorDeltas().length / 4, 4),
                doubles(targets.anchorDeltas()));
        peer.give("regions." + rank, List.of(targets.regions().length / 5, 5), doubles(targets.regions()));
        peer.give("labels." + rank, List.of(targets.labels().length), doubles(targets.labels()));
        peer.give("box_deltas." + rank, List.of(targets.boxDeltas().length / 4, 4), doubles(targets.boxDeltas()));
    }

    private static DetectConfig config(int ranks) {
        return new DetectConfig(
                Architecture.RESNET50,
                new DetectConfig.Input(List.of(128), 128, 160),
                new DetectConfig.Anchors(List.of(16, 32, 64, 128, 256), List.of(.5, 1.0, 2.0)),
                new DetectConfig.Proposals(64, .5, 600, 100, 600, 100, .7),
                new DetectConfig.Regions(16, .25, 14, .05, .5, 100),
                new DetectConfig.Solver(1, ranks * IMAGES_OF_RANK, ranks, .02, .9, 0, List.of(), 1, 1),
                0,
                Precision.FLOAT32,
                7);
    }

    /** Images of several sizes, so that some are padded and the ranks have different sizes. */
    private static List<List<TrainingImage>> images(int ranks) {
        List<List<TrainingImage>> images = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            images.add(List.of(
                    TinyScenes.image(160 - 32 * rank, 112, CounterRandom.of(rank, 0)),
                    TinyScenes.image(128, 128, CounterRandom.of(rank, 1))));
        }
        return images;
    }

    private static Peer peer(Path folder, DataType type, DetectConfig config, List<List<TrainingImage>> images)
            throws IOException {
        Peer peer = new Peer(folder, type);
        peer.settings()
                .put("architecture", config.architecture().id())
                .put("ranks", images.size())
                .put("imagesOfRank", IMAGES_OF_RANK)
                .put("classes", TinyScenes.CLASSES)
                .put("beforeNms", config.proposals().trainBeforeNms())
                .put("afterNms", config.proposals().trainAfterNms())
                .put("nmsThreshold", config.proposals().nmsThreshold())
                .put("anchorsDrawn", config.proposals().batchPerImage())
                .put("anchorShare", config.proposals().positiveFraction())
                .put("regionsDrawn", config.regions().batchPerImage())
                .put("regionShare", config.regions().positiveFraction())
                .put("cells", config.regions().poolerSize());
        ArrayNode sizes = peer.settings().putArray("sizes");
        config.anchors().sizes().forEach(sizes::add);
        ArrayNode ratios = peer.settings().putArray("ratios");
        config.anchors().ratios().forEach(ratios::add);
        for (int rank = 0; rank < images.size(); rank++) {
            for (int i = 0; i < IMAGES_OF_RANK; i++) {
                TrainingImage image = images.get(rank).get(i);
                String name = "." + rank + "." + i;
                int objects = image.classes().length;
                peer.give(
                        "image" + name,
                        List.of(image.pixels().height(), image.pixels().width(), 3),
                        SyntheticImages.numbers(image.pixels().pixels()));
                peer.give("objects" + name, List.of(objects, 4), corners(image.objects()));
                peer.give(
                        "classes" + name,
                        List.of(objects),
                        Arrays.stream(image.classes()).asDoubleStream().toArray());
            }
        }
        return peer;
    }

    /**
     * Initial weights with random gammas, betas and biases, so that each of them matters. The last gamma of each block is
     * small, which keeps activations small.
     */
    private static float[] parameters(DetectorLayout layout) {
        float[] parameters = InitialWeights.draw(layout, 7).parameters();
        double[] noise = VectorNumbers.symmetric(3, parameters.length);
        for (FlatLayout.FlatTensor tensor : named(layout).parameters()) {
            double scale = tensor.name().endsWith(".bn3.weight") ? .2 : 1;
            for (int i = tensor.offset(); tensor.shape().size() == 1 && i < tensor.offset() + tensor.size(); i++) {
                parameters[i] = (float) (scale * (parameters[i] + .1 * noise[i]));
            }
        }
        return parameters;
    }

    /** Layout with torchvision's names for the tensors that torchvision has. */
    private static FlatLayout named(DetectorLayout layout) {
        return new FlatLayout(
                layout.resnet(),
                Stream.concat(
                                layout.convolutions().stream()
                                        .map(convolution -> new FlatLayout.WeightShape(
                                                convolution.encoderName(),
                                                convolution.weight().shape())),
                                layout.heads().stream()
                                        .map(weight -> new FlatLayout.WeightShape(weight.name(), weight.shape())))
                        .toList(),
                layout.norms().stream()
                        .map(norm -> new FlatLayout.BatchNormShape(norm.encoderName(), norm.channels()))
                        .toList());
    }

    private static double[] corners(Boxes boxes) {
        return IntStream.range(0, boxes.size())
                .boxed()
                .flatMapToDouble(box -> DoubleStream.of(boxes.x1(box), boxes.y1(box), boxes.x2(box), boxes.y2(box)))
                .toArray();
    }

    private static NDList as(DataType type, NDList arrays) {
        return new NDList(arrays.stream().map(array -> array.toType(type, true)).toList());
    }

    private static double[] doubles(float[] values) {
        return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
    }

    private static double[] doubles(long[] values) {
        return Arrays.stream(values).asDoubleStream().toArray();
    }
}
