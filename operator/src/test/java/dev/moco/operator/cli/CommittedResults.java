package dev.moco.operator.cli;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.Experiment;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Provenance;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.Classified;
import dev.moco.contract.StageResult.Prepared;
import dev.moco.contract.StoreLocation;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Commits every task of experiments in a work folder, without running any. */
record CommittedResults(Path work) {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    /** Commits the tasks; linear classification has this accuracy, in percent. */
    void commit(Experiment experiment, double top1, Prepared prepared) throws IOException {
        commit(new ArtifactStore(EmbeddedS3.folder(new WorkFolder(work).store())), experiment, top1, prepared);
    }

    /** Commits the tasks in another store. */
    static void commit(ArtifactStore store, Experiment experiment, double top1, Prepared prepared) throws IOException {
        for (int i = 0; i < experiment.tasks().size(); i++) {
            for (PlannedTask task : new LocalObservations(experiment, store, (StoreLocation) null)
                    .decide(NOW)
                    .tasks()) {
                if (task.state() != TaskState.SUCCEEDED && task.key().isPresent()) {
                    Manifest made = manifest(task, top1, prepared);
                    for (FileEntry file : made.all()) {
                        store.objects()
                                .put(ArtifactKey.prefix(made.stage(), made.key()) + made.object(file), new byte[1]);
                    }
                    store.commit(made);
                }
            }
        }
    }

    private static Manifest manifest(PlannedTask task, double top1, Prepared prepared) {
        Manifest made = Commits.of(task);
        StageResult result = switch (task.task().stage()) {
            case PREPARE -> prepared;
            case LINEAR -> new Classified(top1, 88, 97, top1, 87.9, 1.5);
            default -> made.result();
        };
        return new Manifest(
                Manifest.VERSION,
                made.stage(),
                made.key(),
                made.config(),
                made.inputs(),
                made.files(),
                List.of(),
                result,
                new Provenance(NOW, NOW, Map.of(), Map.of(), 1, 0));
    }
}
