package dev.moco.contract;

import dev.moco.contract.PrepareConfig.Dataset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Validated spec of a {@code MoCoExperiment} with all defaults.
 *
 * @param name name, unique in its namespace
 * @param labels labels, such as the paper's table and row
 * @param data raw data
 * @param weights file of weights that it begins with; empty if all weights are its own
 * @param pretrain pre-training; empty if the file's encoder is evaluated as it is
 * @param knn monitor of pre-training; it changes neither weights nor keys
 * @param sections stages that evaluate the encoder, in the order of the plan
 * @param store bucket of the artifacts; null if the program chooses it (an embedded S3)
 */
public record Experiment(
        String name,
        Map<String, String> labels,
        Data data,
        Optional<Weights> weights,
        Optional<PretrainConfig> pretrain,
        KnnMonitor knn,
        List<ExperimentSection> sections,
        @Nullable StoreLocation store) {
    /** Seed of the shards' one shuffle: the same for all experiments, so that they share the prepared data. */
    private static final long SHUFFLE_SEED = 0;

    public Experiment {
        labels = Map.copyOf(labels);
        sections = List.copyOf(sections);
    }

    /** Linear classification, unless turned off. */
    public Optional<Linear> linear() {
        return section(Linear.class);
    }

    /** Detection, unless turned off. */
    public Optional<Detection> detection() {
        return section(Detection.class);
    }

    /** Classification by nearest neighbors, which only {@code moco eval} asks for. */
    public Optional<Knn> nearestNeighbors() {
        return section(Knn.class);
    }

    private <S extends ExperimentSection> Optional<S> section(Class<S> type) {
        return sections.stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    /** Tasks in the order of the data. Raw data that none of them reads is not prepared. */
    public List<Task> tasks() {
        List<Task> after = new ArrayList<>();
        weights.ifPresent(from -> after.add(Task.reading(Task.WEIGHTS, from.config(), from.file())));
        pretrain.ifPresent(config -> {
            Map<String, String> inputs = new HashMap<>(Map.of(StageTask.IMAGENET, Task.PREPARE_IMAGENET));
            weights.ifPresent(from -> inputs.put(StageTask.INITIAL, Task.WEIGHTS));
            after.add(Task.of(Task.PRETRAIN, config, inputs));
        });
        sections.forEach(section -> after.addAll(section.tasks(this)));
        List<Task> tasks = new ArrayList<>();
        if (after.stream().anyMatch(task -> task.inputs().containsValue(Task.PREPARE_IMAGENET))) {
            tasks.add(Task.reading(
                    Task.PREPARE_IMAGENET,
                    data.prepare(data.unlabeled() ? Dataset.UNLABELED : Dataset.IMAGENET),
                    data.imagenet()));
        }
        sections.forEach(section -> tasks.addAll(section.preparations(data)));
        tasks.addAll(after);
        return tasks;
    }

    /** This experiment with another section. */
    public Experiment with(ExperimentSection section) {
        List<ExperimentSection> all = new ArrayList<>(sections);
        all.add(section);
        return new Experiment(name, labels, data, weights, pretrain, knn, all, store);
    }

    /** Task whose encoder the sections evaluate. */
    String encoderTask() {
        return pretrain.isPresent() ? Task.PRETRAIN : Task.WEIGHTS;
    }

    /**
     * A file of weights.
     *
     * @param file {@code s3://bucket/path} or a path
     * @param config what is read of it
     */
    public record Weights(String file, WeightsConfig config) {}

    /**
     * Raw data.
     *
     * @param imagenet {@code s3://bucket/prefix} or a folder
     * @param voc likewise; null without detection
     * @param vocClasses detection classes in label order
     * @param vocYears years of {@link PrepareConfig#vocYears}
     * @param onBadImage reaction to a corrupt image
     * @param shardImages images of a shard
     * @param unlabeled true if the images of {@code imagenet} have no classes
     */
    public record Data(
            String imagenet,
            @Nullable String voc,
            List<String> vocClasses,
            List<Integer> vocYears,
            PrepareConfig.OnBadImage onBadImage,
            int shardImages,
            boolean unlabeled) {
        public Data {
            vocClasses = List.copyOf(vocClasses);
            vocYears = List.copyOf(vocYears);
        }

        /** Preparation of a data set, without the fingerprint of its source. */
        PrepareConfig prepare(Dataset dataset) {
            return new PrepareConfig(
                    dataset,
                    "",
                    onBadImage,
                    dataset == Dataset.VOC ? vocClasses : List.of(),
                    shardImages,
                    SHUFFLE_SEED,
                    dataset == Dataset.VOC ? vocYears : List.of());
        }
    }

    /**
     * Linear classification.
     *
     * @param config configuration
     * @param baseline true if the untrained encoder is classified, too
     */
    public record Linear(LinearConfig config, boolean baseline) implements ExperimentSection {
        @Override
        public List<Task> tasks(Experiment experiment) {
            Task probe = Task.of(
                    Task.LINEAR,
                    config,
                    Map.of(StageTask.IMAGENET, Task.PREPARE_IMAGENET, StageTask.ENCODER, experiment.encoderTask()));
            Task untrained = Task.of(
                    Task.BASELINE,
                    config.withUntrainedEncoder(
                            experiment.pretrain().map(PretrainConfig::seed).orElse(0L)),
                    Map.of(StageTask.IMAGENET, Task.PREPARE_IMAGENET));
            return baseline ? List.of(probe, untrained) : List.of(probe);
        }
    }

    /** Classification by nearest neighbors, beside a monitor of pre-training. */
    public record Knn(KnnConfig config) implements ExperimentSection {
        @Override
        public List<Task> tasks(Experiment experiment) {
            return List.of(Task.of(
                    Task.KNN,
                    config,
                    Map.of(StageTask.IMAGENET, Task.PREPARE_IMAGENET, StageTask.ENCODER, experiment.encoderTask())));
        }
    }

    /**
     * Detection.
     *
     * @param config configuration, with the base seed
     * @param trials number of trials; the index of a trial is added to its seed
     */
    public record Detection(DetectConfig config, int trials) implements ExperimentSection {
        @Override
        public List<Task> preparations(Data data) {
            String voc = Objects.requireNonNull(data.voc(), "detection without raw data");
            return List.of(Task.reading(Task.PREPARE_VOC, data.prepare(Dataset.VOC), voc));
        }

        @Override
        public List<Task> tasks(Experiment experiment) {
            return IntStream.range(0, trials)
                    .mapToObj(trial -> Task.of(
                            "detect-" + trial,
                            config.withSeed(config.seed() + trial),
                            Map.of(StageTask.VOC, Task.PREPARE_VOC, StageTask.ENCODER, experiment.encoderTask())))
                    .toList();
        }
    }
}
