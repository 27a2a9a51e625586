package dev.moco.training.linear;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.moco.artifacts.ArtifactReader;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.Picture;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.ValidationSamples;
import dev.moco.training.collectives.Agreements;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.data.CounterRandom;
import dev.moco.training.data.ImageSet;
import dev.moco.training.data.RgbImage;
import dev.moco.training.data.augment.EvaluationView;
import dev.moco.training.data.augment.LinearView;
import dev.moco.training.data.decode.ImageDecoder;
import dev.moco.training.data.loader.BatchPart;
import dev.moco.training.data.loader.DecodedImages;
import dev.moco.training.data.loader.LabeledLoader;
import dev.moco.training.data.shards.Split;
import dev.moco.training.data.shards.Splits;
import dev.moco.training.data.thumbnail.Thumbnail;
import dev.moco.training.engine.Algorithms;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.resnet.EncoderFile;
import dev.moco.training.resnet.EncoderLayout;
import dev.moco.training.resnet.EncoderWeights;
import dev.moco.training.resnet.FeatureEncoder;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageContext.Checkpoint;
import dev.moco.training.stage.StageOutput;
import dev.moco.training.stage.StageProgram;
import dev.moco.training.weights.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Linear classification on frozen features (docs/method.md §2): trains one layer, validates each epoch. */
public final class LinearProbe implements StageProgram<LinearConfig> {
    private static final Logger LOG = LoggerFactory.getLogger(LinearProbe.class);
    private static final String FILE = "classifier.safetensors";
    /** Side of a picture in the report. */
    private static final int THUMBNAIL = 96;

    private final Splits splits;
    private final Collectives collectives;

    public LinearProbe(Splits splits) {
        this(splits, Collectives.ALONE);
    }

    /** Shares the images of each batch with other processes. */
    public LinearProbe(Splits splits, Collectives collectives) {
        this.splits = splits;
        this.collectives = collectives;
    }

    @Override
    public StageOutput run(LinearConfig config, StageContext context) throws IOException, InterruptedException {
        if (config.optimizer().algorithm() == Algorithm.LARS) {
            throw StageFailure.badConfig(
                    "the configuration's optimizer.algorithm must be SGD or NESTEROV in linear classification, found LARS");
        }
        ArtifactReader imagenet = context.input(StageTask.IMAGENET);
        ImageDecoder decoder = ImageDecoder.create();
        ImageSet images = splits.open(imagenet, Split.TRAIN);
        int classes = images.classNames().size();
        int threads = context.task().execution().threads();
        int loaderThreads = Math.max(1, threads / collectives.world().size());
        BatchPart part = SharedFeatures.part(collectives, config.batchSize());
        EncoderLayout layout = EncoderLayout.backbone(config.architecture());
        EncoderWeights weights = weights(config, context, layout);
        Optional<Checkpoint> checkpoint = context.latestCheckpoint();
        DecodedImages validationImages = new DecodedImages(splits.open(imagenet, Split.VALIDATION), decoder);
        try (NDManager manager = TorchEngine.start(threads, config.precision());
                LabeledLoader train = new LabeledLoader(
                        new DecodedImages(images, decoder),
                        new LinearView(config.imageSize()),
                        config.batchSize(),
                        part,
                        config.seed(),
                        loaderThreads);
                LabeledLoader validation = new LabeledLoader(
                        validationImages,
                        new EvaluationView(config.imageSize()),
                        config.batchSize(),
                        part,
                        config.seed(),
                        loaderThreads)) {
            TorchEngine.choose(Algorithms.of(context.task().execution().deterministic(), Algorithms.PREDICTED));
            NDArray parameters = manager.create(weights.parameters());
            NDArray statistics = manager.create(weights.statistics());
            FrozenEncoderCheck frozen = new FrozenEncoderCheck(weights, parameters, statistics);
            LOG.info("linear images={} classes={} untrained={}", images.size(), classes, config.untrained());
            try (FeatureEncoder encoder = new FeatureEncoder(layout, parameters, statistics, config.precision());
                    Classifier classifier = classifier(manager, config, classes, checkpoint)) {
                ProbeMetrics probeMetrics = checkpoint.isPresent()
                        ? ProbeCheckpoint.metrics(checkpoint.get().folder())
                        : ProbeMetrics.START;
                long steps = (long) config.epochs() * train.stepsPerEpoch();
                long first = checkpoint.map(found -> found.stepWithin(steps)).orElse(0L);
                Agreements.requireSameStep(collectives, first);
                SharedFeatures features = new SharedFeatures(
                        encoder,
                        config.imageSize(),
                        config.architecture().features(),
                        part.images(config.batchSize()),
                        collectives);
                ProbeRun run = new ProbeRun(
                        config,
                        context,
                        collectives,
                        features,
                        classifier,
                        train,
                        validation,
                        frozen,
                        probeMetrics,
                        first);
                ProbeMetrics end = run.toTheEnd(manager);
                Path file = context.scratch().resolve(FILE);
                Safetensors.write(file, classifier.tensors(classes));
                Map<String, Path> logs = config.untrained()
                        ? Map.of()
                        : details(config, context, run.details(manager, images.classNames()), validationImages);
                return new StageOutput(Map.of(FILE, file), logs, end.result());
            }
        }
    }

    /** Writes what the report shows of the validation, in the process that writes. */
    private Map<String, Path> details(
            LinearConfig config, StageContext context, ValidationDetails details, DecodedImages images)
            throws IOException {
        if (!collectives.world().writes()) {
            return Map.of();
        }
        EvaluationView view = new EvaluationView(Math.min(config.imageSize(), THUMBNAIL));
        ValidationSamples samples = details.samples(index -> thumbnail(images, index, view));
        Path file = context.scratch().resolve(Path.of(ValidationSamples.FILE).getFileName());
        Files.write(file, CanonicalJson.bytes(samples));
        return Map.of(ValidationSamples.FILE, file);
    }

    private static Picture thumbnail(DecodedImages images, int index, EvaluationView view) {
        byte[] pixels = new byte[view.size() * view.size() * 3];
        images.use(index, view.size(), image -> view.write(image, CounterRandom.of(0), pixels));
        return Thumbnail.of("", new RgbImage(view.size(), view.size(), pixels), view.size());
    }

    private static EncoderWeights weights(LinearConfig config, StageContext context, EncoderLayout layout)
            throws IOException {
        return config.untrained()
                ? EncoderWeights.initial(layout, config.encoderSeed())
                : EncoderFile.read(context.input(StageTask.ENCODER).file(EncoderFile.NAME), layout);
    }

    private static Classifier classifier(
            NDManager manager, LinearConfig config, int classes, Optional<Checkpoint> checkpoint) throws IOException {
        int channels = config.architecture().features();
        if (checkpoint.isPresent()) {
            return ProbeCheckpoint.classifier(manager, checkpoint.get().folder(), classes, channels);
        }
        float[] flat = config.zeroInitial()
                ? new float[Classifier.length(classes, channels)]
                : Classifier.initial(classes, channels, config.seed());
        return new Classifier(manager.create(flat), manager.create(new float[flat.length]));
    }
}
