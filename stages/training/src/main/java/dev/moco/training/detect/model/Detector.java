package dev.moco.training.detect.model;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import dev.moco.contract.DetectConfig;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.RgbImage;
import dev.moco.training.detect.boxes.AnchorGrid;
import dev.moco.training.detect.boxes.Boxes;
import dev.moco.training.detect.boxes.ProposalSelection;
import dev.moco.training.detect.boxes.RankTargets;
import dev.moco.training.detect.boxes.TargetAssignment;
import dev.moco.training.detect.evaluate.Detection;
import dev.moco.training.detect.input.ImageBatch;
import dev.moco.training.detect.input.TrainingImage;
import dev.moco.training.engine.NativeHeap;
import java.util.ArrayList;
import java.util.List;

/** Faster R-CNN C4: runs one iteration of training, or detects the objects of one image, on a {@link DetectorState}. */
public final class Detector implements AutoCloseable {
    /** Weight of a batch in the running statistics of the batch norms. */
    private static final double NORM_MOMENTUM = .1;

    private final DetectConfig config;
    private final Collectives collectives;
    private final DetectorLayout layout;
    private final AnchorGrid anchors;
    private final DetectorProgram program;
    private final TargetAssignment assignment;
    private final ProposalSelection proposals;
    private final DetectionSelection detections;

    /** A detector of one process. */
    public Detector(Device device, DetectConfig config, int classes) {
        this(device, config, classes, Collectives.ALONE);
    }

    /** @param collectives shares the ranks with other processes, which make the same calls for theirs */
    public Detector(Device device, DetectConfig config, int classes, Collectives collectives) {
        DetectConfig.Solver solver = config.solver();
        int firstRank = collectives.world().firstRank(solver.ranks());
        this.config = config;
        this.collectives = collectives;
        this.anchors = new AnchorGrid(config.anchors(), config.architecture().strideOfLayer3());
        this.layout = DetectorLayout.of(config.architecture(), anchors.perCell(), classes);
        this.program = new DetectorProgram(device, config, layout);
        this.assignment = new TargetAssignment(config, classes, firstRank * (solver.batchSize() / solver.ranks()));
        this.proposals = new ProposalSelection(
                config.proposals().testBeforeNms(),
                config.proposals().testAfterNms(),
                config.proposals().nmsThreshold());
        this.detections = new DetectionSelection(config.regions(), classes);
    }

    public DetectorLayout layout() {
        return layout;
    }

    /**
     * Runs one iteration of SGD.
     *
     * @param ranks images of each rank of this process, the same number for each
     * @param iteration number of the iteration; each draws other samples
     * @param learningRate learning rate
     */
    public Losses train(DetectorState state, List<List<TrainingImage>> ranks, long iteration, double learningRate) {
        try (NDManager manager = state.parameters().getManager().newSubManager()) {
            long begin = System.nanoTime();
            DetectorIteration running =
                    DetectorIteration.start(program, manager, state, collectives, ranks.size(), NORM_MOMENTUM, true);
            NDList images = tensors(manager, ranks);
            DetectorProgram.Trunk trunk = running.trunk(images);
            // The iteration keeps its own copy of the images.
            images.close();
            List<RankTargets> targets = targets(ranks, trunk, iteration);
            // The step has the highest memory use: memory freed by the forward pass goes back to the system first.
            NativeHeap.trimAfter(begin);
            double normalizer =
                    (double) config.proposals().batchPerImage() * ranks.get(0).size();
            DetectorProgram.Sgd sgd = new DetectorProgram.Sgd(
                    learningRate, config.solver().momentum(), config.solver().weightDecay());
            return Losses.of(running.step(trunk, DetectorProgram.Targets.of(manager, targets), normalizer, sgd)
                    .toFloatArray());
        }
    }

    /** Sets the running statistics of the batch norms to those of these images in training; changes nothing else. */
    public void updateStatistics(DetectorState state, List<List<TrainingImage>> ranks, long iteration) {
        try (NDManager manager = state.parameters().getManager().newSubManager()) {
            DetectorIteration running =
                    DetectorIteration.start(program, manager, state, collectives, ranks.size(), 1, false);
            DetectorProgram.Trunk trunk = running.trunk(tensors(manager, ranks));
            running.updateStatistics(trunk, DetectorProgram.Targets.of(manager, targets(ranks, trunk, iteration)));
        }
    }

    public void setStatistics(DetectorState state, float[] statistics) {
        try (NDManager manager = state.parameters().getManager().newSubManager()) {
            program.overwrite(manager, state.statistics(), statistics);
        }
    }

    /** Returns the detections in an image, highest score first, in pixels of the original image, which has this size. */
    public List<Detection> detect(DetectorState state, RgbImage image, int originalWidth, int originalHeight) {
        try (NDManager manager = state.parameters().getManager().newSubManager()) {
            NDList images = new NDList(ImageBatch.tensor(manager, List.of(image)));
            DetectorProgram.Trunk trunk = program.trunk(manager, state, images, DetectorProgram.EVALUATION, false);
            Boxes regions = proposals.select(
                    trunk.anchors(anchors, 0),
                    trunk.logits().get(0).toFloatArray(),
                    trunk.anchorDeltas().get(0).toFloatArray(),
                    image.width(),
                    image.height());
            if (regions.size() == 0) {
                return List.of();
            }
            NDArray rows = manager.create(RankTargets.regions(List.of(regions)), new Shape(regions.size(), 5));
            NDList out = program.predictRegions(
                    manager, state, trunk.features(), new NDList(rows), DetectorProgram.EVALUATION);
            float[] probabilities = out.get(0).toFloatArray();
            float[] deltas = out.get(1).toFloatArray();
            return detections
                    .select(regions, probabilities, deltas, image.width(), image.height())
                    .in(originalWidth, originalHeight, image.width(), image.height());
        }
    }

    private List<RankTargets> targets(List<List<TrainingImage>> ranks, DetectorProgram.Trunk trunk, long iteration) {
        return targets(assignment, anchors, ranks, trunk, iteration);
    }

    /** Assigns the targets of all ranks. */
    static List<RankTargets> targets(
            TargetAssignment assignment,
            AnchorGrid anchors,
            List<List<TrainingImage>> ranks,
            DetectorProgram.Trunk trunk,
            long iteration) {
        List<TargetAssignment.RankOutputs> outputs = new ArrayList<>();
        for (int rank = 0; rank < ranks.size(); rank++) {
            outputs.add(new TargetAssignment.RankOutputs(
                    ranks.get(rank).stream().map(TrainingImage::instances).toList(),
                    trunk.anchors(anchors, rank),
                    floats(trunk.logits().get(rank)),
                    floats(trunk.anchorDeltas().get(rank))));
        }
        return assignment.assign(outputs, iteration);
    }

    private static float[] floats(NDArray array) {
        return array.toType(DataType.FLOAT32, false).toFloatArray();
    }

    private static NDList tensors(NDManager manager, List<List<TrainingImage>> ranks) {
        return ImageBatch.tensors(
                manager,
                ranks.stream()
                        .map(images ->
                                images.stream().map(TrainingImage::pixels).toList())
                        .toList());
    }

    @Override
    public void close() {
        program.close();
    }
}
