package dev.moco.operator.storage;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.ReportInput.Drawing;
import dev.moco.operator.report.ReportInput.Run;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the logs of committed tasks: metrics history, precision curves and drawings. */
public final class ReportLogs {
    private ReportLogs() {}

    /** The input of a report: committed tasks with their logs, read through a local cache. */
    public static ReportInput fetch(Experiment experiment, Decision decision, ArtifactStore store, Path cache)
            throws IOException {
        return ReportInput.of(experiment, decision, (task, manifest) -> run(task, store.reader(manifest, cache)));
    }

    private static Run run(String task, ArtifactReader reader) throws IOException {
        Manifest manifest = reader.manifest();
        List<HistoryPoint> history = new ArrayList<>();
        List<PrecisionRecallCurve> curves = new ArrayList<>();
        List<Drawing> drawings = new ArrayList<>();
        if (manifest.stage().readsRawData()) {
            return new Run(task, manifest, history, curves, drawings);
        }
        for (FileEntry log : manifest.logs()) {
            Path file = reader.file(log.path());
            if (log.path().equals(HistoryPoint.FILE)) {
                for (String line : Files.readAllLines(file)) {
                    history.add(CanonicalJson.read(line.getBytes(StandardCharsets.UTF_8), HistoryPoint.class));
                }
            } else if (log.path().equals(PrecisionRecallCurve.FILE)) {
                curves.addAll(List.of(CanonicalJson.read(Files.readAllBytes(file), PrecisionRecallCurve[].class)));
            } else if (log.path().endsWith(".png")) {
                drawings.add(
                        new Drawing(log.path().substring(log.path().lastIndexOf('/') + 1), Files.readAllBytes(file)));
            }
        }
        return new Run(task, manifest, history, curves, drawings);
    }
}
