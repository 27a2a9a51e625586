package dev.moco.training.detect;

import ai.djl.ndarray.NDManager;
import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.training.collectives.Agreements;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.shards.ShardedImages;
import dev.moco.training.data.shards.Split;
import dev.moco.training.data.shards.Splits;
import dev.moco.training.detect.evaluate.TestSet;
import dev.moco.training.detect.input.BatchOrder;
import dev.moco.training.detect.input.DetectionImages;
import dev.moco.training.detect.model.Detector;
import dev.moco.training.detect.model.DetectorLayout;
import dev.moco.training.detect.model.DetectorState;
import dev.moco.training.detect.model.EncoderTransfer;
import dev.moco.training.detect.model.InitialWeights;
import dev.moco.training.engine.Algorithms;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.stage.StageProgram;
import dev.moco.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a trial of detection: fine-tunes Faster R-CNN C4 from the encoder, then evaluates it on the test images. */
public final class Detect implements StageProgram<DetectConfig> {
    private static final Logger LOG = LoggerFactory.getLogger(Detect.class);

    private final Splits splits;
    private final Collectives collectives;

    /** Shares the ranks and the test images with other processes. */
    public Detect(Collectives collectives) {
        this(ShardedImages::open, collectives);
    }

    Detect(Splits splits, Collectives collectives) {
        this.splits = splits;
        this.collectives = collectives;
    }

    @Override
    public StageOutput run(DetectConfig config, StageContext context) throws IOException, InterruptedException {
        ArtifactReader voc = context.input(StageTask.VOC);
        ImageDecoder decoder = ImageDecoder.create();
        DetectionImages train = new DetectionImages(splits.open(voc, Split.TRAIN), config.input(), decoder);
        DetectionImages test = new DetectionImages(splits.open(voc, Split.TEST), config.input(), decoder);
        requireUsable(config, train.images());
        try (NDManager manager = TorchEngine.start(context.task().execution().threads(), config.precision());
                Detector detector = new Detector(
                        manager.getDevice(), config, train.images().classNames().size(), collectives)) {
            TorchEngine.choose(Algorithms.of(context.task().execution().deterministic(), Algorithms.PREDICTED));
            Optional<StageContext.Checkpoint> checkpoint = context.latestCheckpoint();
            DetectorState state = checkpoint.isPresent()
                    ? DetectorCheckpoint.read(
                            manager, detector.layout(), checkpoint.get().folder())
                    : DetectorState.start(manager, weights(config, context, detector.layout()));
            int first = checkpoint.isPresent()
                    ? (int) checkpoint.get().stepWithin(config.solver().iterations())
                    : 0;
            Agreements.requireSameStep(collectives, first);
            LOG.info(
                    "detection images={} test={} first={} iterations={} decoder={}",
                    train.images().size(),
                    test.images().size(),
                    first,
                    config.solver().iterations(),
                    decoder.jpegDecoder());
            DetectorProgress progress = new DetectorProgress(context, config.solver());
            new DetectorTraining(config, context, collectives, detector, progress).run(state, first, train);
            TestSet set = new DetectorInference(config, context, collectives, detector, progress).run(state, test);
            return new DetectorOutput(context.scratch(), progress).write(detector.layout(), state, test, set);
        }
    }

    private static void requireUsable(DetectConfig config, ImageSet train) {
        DetectConfig.Solver solver = config.solver();
        if (solver.batchSize() % solver.ranks() != 0) {
            throw StageFailure.badConfig("spec.detection.batchSize must be a multiple of spec.detection.ranks, found "
                    + solver.batchSize() + " and " + solver.ranks());
        }
        if (BatchOrder.withObjects(train).length == 0) {
            throw StageFailure.badData("none of the " + train.size() + " training images has an object");
        }
    }

    private static InitialWeights weights(DetectConfig config, StageContext context, DetectorLayout layout)
            throws IOException {
        ArtifactReader encoder = context.input(StageTask.ENCODER);
        Path file = encoder.file(EncoderFile.NAME);
        InitialWeights weights = InitialWeights.draw(layout, config.seed());
        String origin = EncoderFile.NAME + " of " + encoder.manifest().stage().id() + " "
                + encoder.manifest().key();
        EncoderTransfer.into(weights, layout, Safetensors.read(file), origin);
        return weights;
    }
}
