package dev.moco.training.stage;

import dev.moco.contract.StageResult;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a finished stage commits.
 *
 * @param files result files by path in the artifact, such as {@code encoder.safetensors}
 * @param logs curves and drawings by path, below {@code logs/}; {@code logs/history.jsonl} is added by the context
 * @param result figures
 */
public record StageOutput(Map<String, Path> files, Map<String, Path> logs, StageResult result) {
    public StageOutput {
        files = Map.copyOf(files);
        logs = Map.copyOf(logs);
    }
}
