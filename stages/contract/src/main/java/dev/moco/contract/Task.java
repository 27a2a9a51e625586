package dev.moco.contract;

import java.util.Map;
import java.util.Optional;

/**
 * One run of a stage within an experiment.
 *
 * @param name name, such as {@code prepare-imagenet}, {@code pretrain} or {@code detect-0}
 * @param config configuration; a {@link SourceConfig} lacks the fingerprint of its source
 * @param inputs task that makes each input, by the input's role
 * @param source raw data or file of weights that it reads: {@code s3://bucket/path} or a path
 */
public record Task(String name, StageConfig config, Map<String, String> inputs, Optional<String> source) {
    public static final String PREPARE_IMAGENET = "prepare-imagenet";
    public static final String PREPARE_VOC = "prepare-voc";
    public static final String WEIGHTS = "weights";
    public static final String PRETRAIN = "pretrain";
    public static final String LINEAR = "linear";
    public static final String BASELINE = "linear-baseline";
    public static final String KNN = "knn";

    /** Faults of one task since its newest checkpoint that are retried by default; the task fails with the next one. */
    public static final int RETRIES = 3;

    public Task {
        inputs = Map.copyOf(inputs);
    }

    /** A task that reads what is outside the store. */
    public static Task reading(String name, SourceConfig config, String source) {
        return new Task(name, config, Map.of(), Optional.of(source));
    }

    /** A task that reads committed inputs only. */
    public static Task of(String name, StageConfig config, Map<String, String> inputs) {
        return new Task(name, config, inputs, Optional.empty());
    }

    public Stage stage() {
        return config.stage();
    }
}
