package dev.moco.operator.plan;

import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Provenance;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Detected;
import dev.moco.contract.StageResult.Imported;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.contract.Task;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Commits whose digests are computed from their keys, so that equal keys have equal digests. */
public final class Commits {
    private Commits() {}

    public static Manifest of(PlannedTask task) {
        return of(task, result(task.task()), Instant.parse("2026-01-01T00:00:00Z"), 3600);
    }

    /**
     * Commit with a result.
     *
     * @param then start and end
     */
    public static Manifest of(PlannedTask task, StageResult result, Instant then, double gpuSeconds) {
        String key = task.key().orElseThrow();
        return new Manifest(
                Manifest.VERSION,
                task.task().stage(),
                key,
                task.config().orElseThrow(),
                task.inputs(),
                List.of(new FileEntry("file", 1, key)),
                List.of(),
                result,
                new Provenance(then, then, Map.of(), Map.of(), 1, gpuSeconds));
    }

    /** The paper's data sets. */
    public static Prepared prepared(String task) {
        return task.equals(Task.PREPARE_VOC)
                ? new Prepared(16_551, 4952, 20, 1, 0, List.of())
                : new Prepared(1_281_167, 50_000, 1000, 1, 0, List.of());
    }

    private static StageResult result(Task task) {
        AveragePrecision precisions = new AveragePrecision(82.3, 57, 63.6);
        return switch (task.stage()) {
            case PREPARE -> prepared(task.name());
            case WEIGHTS -> new Imported("moco_v2.pth.tar", "0".repeat(32), "0".repeat(64), "a PyTorch file");
            case PRETRAIN -> new Pretrained(6.57, 60, 80, 55.5, 6.5);
            case LINEAR -> new Classified(67.4, 88, 97, 67.3, 87.9, 1.5);
            case KNN -> new StageResult.KnnAccuracy(55.5);
            case DETECT -> new Detected(precisions, precisions, precisions, List.of());
        };
    }
}
