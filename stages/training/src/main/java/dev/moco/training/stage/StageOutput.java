package dev.moco.training.stage;

import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.StageResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Output of a finished stage, which is then committed.
 *
 * @param stored result files that are in the store already, from {@link StageContext#parts}
 * @param files the other result files by path in the artifact, such as {@code encoder.safetensors}
 * @param logs curves and drawings by path, below {@code logs/}; {@code logs/history.jsonl} is added by the context
 * @param result metrics
 */
public record StageOutput(List<FileEntry> stored, Map<String, Path> files, Map<String, Path> logs, StageResult result) {
    public StageOutput {
        stored = List.copyOf(stored);
        files = Map.copyOf(files);
        logs = Map.copyOf(logs);
    }

    /** Output of which nothing is stored yet. */
    public StageOutput(Map<String, Path> files, Map<String, Path> logs, StageResult result) {
        this(List.of(), files, logs, result);
    }
}
