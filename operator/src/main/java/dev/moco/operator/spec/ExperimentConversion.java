package dev.moco.operator.spec;

import dev.moco.contract.Architecture;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.DetectConfig.Anchors;
import dev.moco.contract.DetectConfig.Input;
import dev.moco.contract.DetectConfig.Proposals;
import dev.moco.contract.DetectConfig.Regions;
import dev.moco.contract.DetectConfig.Solver;
import dev.moco.contract.Experiment;
import dev.moco.contract.ExperimentSection;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Algorithm;
import dev.moco.contract.Precision;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.WeightsConfig;
import dev.moco.contract.WeightsConfig.Initial;
import dev.moco.operator.api.DataSpec;
import dev.moco.operator.api.DetectionSpec;
import dev.moco.operator.api.EncoderSpec;
import dev.moco.operator.api.InitialSpec;
import dev.moco.operator.api.LinearProtocol;
import dev.moco.operator.api.LinearSpec;
import dev.moco.operator.api.MoCoExperimentSpec;
import dev.moco.operator.api.PretrainSpec;
import dev.moco.operator.api.Schedule;
import dev.moco.operator.api.SgdSpec;
import dev.moco.operator.api.StorageSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Experiment of a valid spec: all that defines its results. */
final class ExperimentConversion {
    private static final double ANCHOR_POSITIVES = 0.5;
    private static final double REGION_POSITIVES = 0.25;
    private static final double WARMUP_START = 0.001;

    private ExperimentConversion() {}

    static Experiment experiment(
            String name, Map<String, String> labels, MoCoExperimentSpec spec, DataSources dataSources) {
        PretrainConfig pretrain = PretrainConversion.config(spec.pretrain());
        EncoderSpec encoder = spec.encoder();
        return new Experiment(
                name,
                labels,
                data(spec.data(), dataSources),
                weights(encoder, spec.pretrain().from(), pretrain, dataSources),
                encoder == null ? Optional.of(pretrain) : Optional.empty(),
                spec.data().unlabeled() ? KnnMonitor.OFF : knn(spec.pretrain().knn()),
                sections(spec, pretrain, encoder == null ? pretrain.architecture() : encoder.arch()),
                store(spec.storage()));
    }

    private static Optional<Experiment.Weights> weights(
            @Nullable EncoderSpec encoder,
            @Nullable InitialSpec initial,
            PretrainConfig pretrain,
            DataSources dataSources) {
        if (encoder != null) {
            WeightsConfig config = new WeightsConfig(encoder.arch(), "", null);
            return Optional.of(new Experiment.Weights(dataSources.locate(encoder.from()), config));
        }
        return Optional.ofNullable(initial).map(from -> {
            Initial wanted = new Initial(
                    pretrain.head(),
                    pretrain.dimension(),
                    pretrain.contrast().queueSize(),
                    from.keyEncoder(),
                    from.queue(),
                    from.optimizer());
            WeightsConfig config = new WeightsConfig(pretrain.architecture(), "", wanted);
            return new Experiment.Weights(dataSources.locate(from.file()), config);
        });
    }

    private static List<ExperimentSection> sections(
            MoCoExperimentSpec spec, PretrainConfig pretrain, Architecture architecture) {
        return Stream.<Optional<? extends ExperimentSection>>of(
                        linear(spec.linear(), pretrain, architecture),
                        detection(spec.detection(), pretrain, architecture))
                .<ExperimentSection>flatMap(Optional::stream)
                .toList();
    }

    private static Experiment.Data data(DataSpec data, DataSources dataSources) {
        return new Experiment.Data(
                dataSources.locate(data.imagenet()),
                data.voc() == null ? null : dataSources.locate(data.voc()),
                data.vocClasses(),
                data.vocYears() == null
                        ? List.of()
                        : data.vocYears().stream().sorted().toList(),
                switch (data.onBadImage()) {
                    case FAIL -> PrepareConfig.OnBadImage.FAIL;
                    case SKIP -> PrepareConfig.OnBadImage.SKIP;
                },
                data.shardImages(),
                data.unlabeled());
    }

    private static KnnMonitor knn(PretrainSpec.Knn knn) {
        return new KnnMonitor(knn.everyEpochs(), knn.neighbors(), knn.temperature(), knn.bankImages());
    }

    private static Optional<Experiment.Linear> linear(
            LinearSpec spec, PretrainConfig pretrain, Architecture architecture) {
        if (!spec.enabled()) {
            return Optional.empty();
        }
        boolean simClr = spec.protocol() == LinearProtocol.SIMCLR;
        LinearConfig config = new LinearConfig(
                architecture,
                false,
                0,
                Objects.requireNonNullElse(spec.imageSize(), pretrain.imageSize()),
                spec.epochs(),
                spec.batchSize(),
                simClr
                        ? cosineByStep(spec, Algorithm.NESTEROV, 0)
                        : sgd(spec, LinearSpec.FIRST_MILESTONE, LinearSpec.SECOND_MILESTONE),
                precision(spec.precision()),
                Objects.requireNonNullElse(spec.seed(), pretrain.seed()),
                simClr);
        return Optional.of(new Experiment.Linear(config, spec.baseline()));
    }

    private static Optional<Experiment.Detection> detection(
            DetectionSpec spec, PretrainConfig pretrain, Architecture architecture) {
        if (!spec.enabled()) {
            return Optional.empty();
        }
        DetectConfig config = new DetectConfig(
                architecture,
                new Input(spec.trainSizes(), spec.testSize(), spec.maxSize()),
                new Anchors(spec.anchorSizes(), spec.anchorRatios()),
                new Proposals(
                        spec.anchorsPerImage(),
                        ANCHOR_POSITIVES,
                        spec.trainProposalsBeforeNms(),
                        spec.trainProposals(),
                        spec.testProposalsBeforeNms(),
                        spec.testProposals(),
                        spec.proposalNmsThreshold()),
                new Regions(
                        spec.regionsPerImage(),
                        REGION_POSITIVES,
                        spec.poolerSize(),
                        spec.scoreThreshold(),
                        spec.nmsThreshold(),
                        spec.detectionsPerImage()),
                solver(spec),
                spec.preciseBnIterations(),
                precision(spec.precision()),
                Objects.requireNonNullElse(spec.seed(), pretrain.seed()));
        return Optional.of(new Experiment.Detection(config, spec.trials()));
    }

    private static Solver solver(DetectionSpec spec) {
        return new Solver(
                spec.iterations(),
                spec.batchSize(),
                spec.ranks(),
                spec.learningRate(),
                spec.momentum(),
                spec.weightDecay(),
                milestones(
                        Schedule.STEP,
                        spec.milestones(),
                        DetectionSpec.FIRST_MILESTONE,
                        DetectionSpec.SECOND_MILESTONE),
                spec.warmupIterations(),
                WARMUP_START);
    }

    /** SGD of a section; its milestones are these for schedule Step without others. */
    static Optimizer sgd(SgdSpec spec, int firstMilestone, int secondMilestone) {
        return new Optimizer(
                spec.learningRate(),
                spec.momentum(),
                spec.weightDecay(),
                schedule(spec.schedule()),
                milestones(spec.schedule(), spec.milestones(), firstMilestone, secondMilestone));
    }

    /** An optimizer whose rate falls with every step. */
    static Optimizer cosineByStep(SgdSpec spec, Algorithm algorithm, int warmupEpochs) {
        return new Optimizer(
                spec.learningRate(),
                spec.momentum(),
                spec.weightDecay(),
                Optimizer.Schedule.COSINE_BY_STEP,
                List.of(),
                algorithm,
                warmupEpochs);
    }

    private static List<Integer> milestones(
            Schedule schedule, @Nullable List<Integer> milestones, int first, int second) {
        return schedule == Schedule.COSINE ? List.of() : Objects.requireNonNullElse(milestones, List.of(first, second));
    }

    private static Optimizer.Schedule schedule(Schedule schedule) {
        return switch (schedule) {
            case COSINE -> Optimizer.Schedule.COSINE;
            case STEP -> Optimizer.Schedule.STEP;
        };
    }

    static Precision precision(dev.moco.operator.api.Precision precision) {
        return switch (precision) {
            case FLOAT32 -> Precision.FLOAT32;
            case TF32 -> Precision.TF32;
            case BFLOAT16 -> Precision.BFLOAT16;
        };
    }

    private static @Nullable StoreLocation store(@Nullable StorageSpec storage) {
        return storage == null
                ? null
                : new StoreLocation(
                        storage.bucket(),
                        storage.prefix(),
                        storage.endpoint(),
                        storage.region(),
                        Objects.requireNonNullElse(storage.pathStyle(), storage.endpoint() != null),
                        storage.checksums());
    }
}
