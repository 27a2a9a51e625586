package dev.moco.training.stage;

import dev.moco.contract.StageResult;
import java.nio.file.Path;
import java.util.Map;

/**
 * Output of a finished stage, which is then committed.
 *
 * @param files result files by path in the artifact, such as {@code encoder.safetensors}
 * @param logs curves and drawings by path, below {@code logs/}; {@code logs/history.jsonl} is added by the context
 * @param result metrics
 */
public record StageOutput(Map<String, Path> files, Map<String, Path> logs, StageResult result) {
    public StageOutput {
        files = Map.copyOf(files);
        logs = Map.copyOf(logs);
    }
}
