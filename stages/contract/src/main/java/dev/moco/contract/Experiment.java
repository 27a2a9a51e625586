package dev.moco.contract;

import dev.moco.contract.PrepareConfig.Dataset;
import java.util.ArrayList;
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
 * @param pretrain pre-training
 * @param knn monitor of pre-training; it changes neither weights nor keys
 * @param sections stages after pre-training, in the order of the plan
 * @param store bucket of the artifacts; null if the program chooses it (an embedded S3)
 */
public record Experiment(
        String name,
        Map<String, String> labels,
        Data data,
        PretrainConfig pretrain,
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

    private <S extends ExperimentSection> Optional<S> section(Class<S> type) {
        return sections.stream().filter(type::isInstance).map(type::cast).findFirst();
    }

    /** Tasks in the order of the data. */
    public List<Task> tasks() {
        List<Task> tasks = new ArrayList<>();
        tasks.add(Task.preparing(Task.PREPARE_IMAGENET, data.prepare(Dataset.IMAGENET), data.imagenet()));
        sections.forEach(section -> tasks.addAll(section.preparations(data)));
        tasks.add(Task.of(Task.PRETRAIN, pretrain, Map.of(StageTask.IMAGENET, Task.PREPARE_IMAGENET)));
        sections.forEach(section -> tasks.addAll(section.tasks(this)));
        return tasks;
    }

    /**
     * Raw data.
     *
     * @param imagenet {@code s3://bucket/prefix} or a folder
     * @param voc likewise; null without detection
     * @param vocClasses detection classes in label order
     * @param vocYears years of {@link PrepareConfig#vocYears}
     * @param onBadImage reaction to a corrupt image
     * @param shardImages images of a shard
     */
    public record Data(
            String imagenet,
            @Nullable String voc,
            List<String> vocClasses,
            List<Integer> vocYears,
            PrepareConfig.OnBadImage onBadImage,
            int shardImages) {
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
                    Map.of(StageTask.IMAGENET, Task.PREPARE_IMAGENET, StageTask.ENCODER, Task.PRETRAIN));
            Task untrained = Task.of(
                    Task.BASELINE,
                    config.withUntrainedEncoder(experiment.pretrain().seed()),
                    Map.of(StageTask.IMAGENET, Task.PREPARE_IMAGENET));
            return baseline ? List.of(probe, untrained) : List.of(probe);
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
            return List.of(Task.preparing(Task.PREPARE_VOC, data.prepare(Dataset.VOC), voc));
        }

        @Override
        public List<Task> tasks(Experiment experiment) {
            return IntStream.range(0, trials)
                    .mapToObj(trial -> Task.of(
                            "detect-" + trial,
                            config.withSeed(config.seed() + trial),
                            Map.of(StageTask.VOC, Task.PREPARE_VOC, StageTask.ENCODER, Task.PRETRAIN)))
                    .toList();
        }
    }
}
