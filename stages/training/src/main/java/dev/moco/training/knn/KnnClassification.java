package dev.moco.training.knn;

import ai.djl.ndarray.NDManager;
import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.KnnConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageTask;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.shards.Split;
import dev.moco.training.data.shards.Splits;
import dev.moco.training.engine.Algorithms;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.progress.EpochProgress;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FeatureEncoder;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.stage.StageProgram;
import java.io.IOException;
import java.util.Map;

/** Classification of the validation images by their nearest training images; takes minutes, so it has no checkpoints. */
public final class KnnClassification implements StageProgram<KnnConfig> {
    private final Splits splits;

    public KnnClassification(Splits splits) {
        this.splits = splits;
    }

    @Override
    public StageOutput run(KnnConfig config, StageContext context) throws IOException, InterruptedException {
        ArtifactReader imagenet = context.input(StageTask.IMAGENET);
        ImageDecoder decoder = ImageDecoder.create();
        ImageSet train = splits.open(imagenet, Split.TRAIN);
        ImageSet validation = splits.open(imagenet, Split.VALIDATION);
        EncoderLayout layout = EncoderLayout.backbone(config.architecture());
        EncoderWeights weights =
                EncoderFile.read(context.input(StageTask.ENCODER).file(EncoderFile.NAME), layout);
        int threads = context.task().execution().threads();
        EpochProgress.Phase phase = new EpochProgress(context, 1, 1, config.batchSize(), 0).begin("knn");
        try (NDManager manager = TorchEngine.start(threads, config.precision())) {
            TorchEngine.choose(Algorithms.of(context.task().execution().deterministic(), Algorithms.PREDICTED));
            try (FeatureEncoder encoder = new FeatureEncoder(
                            layout,
                            manager.create(weights.parameters()),
                            manager.create(weights.statistics()),
                            config.precision());
                    WeightedNeighbors neighbors =
                            new WeightedNeighbors(manager, encoder, config.monitor(), config.imageSize(), threads)) {
                double top1 = neighbors.top1(
                        new DecodedImages(train, decoder),
                        new DecodedImages(validation, decoder),
                        train.classNames().size(),
                        images -> {
                            phase.done(images);
                            if (context.stopRequested()) {
                                throw StageFailure.interrupted("stopped; it begins anew");
                            }
                        });
                return new StageOutput(Map.of(), Map.of(), new StageResult.KnnAccuracy(top1));
            }
        }
    }
}
