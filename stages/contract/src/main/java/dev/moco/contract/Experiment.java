package dev.moco.contract;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Validated spec of a {@code MoCoExperiment} with all defaults.
 *
 * @param name name, unique in its namespace
 * @param labels labels, such as the paper's table and row
 * @param data raw data
 * @param pretrain pre-training
 * @param knn monitor of pre-training; it changes neither weights nor keys
 * @param linear linear classification; empty if disabled
 * @param detection detection; empty if disabled
 * @param store bucket of the artifacts; null if the program chooses it (an embedded S3)
 */
public record Experiment(
        String name,
        Map<String, String> labels,
        Data data,
        PretrainConfig pretrain,
        KnnMonitor knn,
        Optional<Linear> linear,
        Optional<Detection> detection,
        @Nullable StoreLocation store) {
    public Experiment {
        labels = Map.copyOf(labels);
    }

    /**
     * Raw data.
     *
     * @param imagenet {@code s3://bucket/prefix} or a folder
     * @param voc likewise; null without detection
     * @param vocClasses detection classes in label order
     * @param onBadImage reaction to a corrupt image
     * @param shardImages images of a shard
     */
    public record Data(
            String imagenet,
            @Nullable String voc,
            List<String> vocClasses,
            PrepareConfig.OnBadImage onBadImage,
            int shardImages) {
        public Data {
            vocClasses = List.copyOf(vocClasses);
        }
    }

    /**
     * Linear classification.
     *
     * @param config configuration
     * @param baseline true if the untrained encoder is classified, too
     */
    public record Linear(LinearConfig config, boolean baseline) {}

    /**
     * Detection.
     *
     * @param config configuration, with the base seed
     * @param trials number of trials; the index of a trial is added to its seed
     */
    public record Detection(DetectConfig config, int trials) {}
}
