package dev.moco.contract;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A valid experiment: what a {@code MoCoExperiment} means once read, with every default filled in.
 *
 * @param name name, unique in its namespace
 * @param labels labels, such as the paper's table and row
 * @param data raw data
 * @param pretrain pre-training
 * @param knn monitor of pre-training; changes no weight and no key
 * @param linear linear classification, unless turned off
 * @param detection detection, unless turned off
 * @param store where artifacts live; null leaves it to the driver (an embedded S3)
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
     * @param voc same; null without detection
     * @param vocClasses detection classes in label order
     * @param onBadImage what a corrupt image does
     * @param shardImages images a shard
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

    /** The probe, and whether the untrained encoder is probed beside it. */
    public record Linear(LinearConfig config, boolean baseline) {}

    /** Trials 0 to {@code trials - 1} of {@code config}, whose seed is the base seed. */
    public record Detection(DetectConfig config, int trials) {}
}
