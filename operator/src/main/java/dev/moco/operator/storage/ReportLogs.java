package dev.moco.operator.storage;

import dev.moco.artifacts.ArtifactReader;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.DetectionSamples;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.contract.StageFailure;
import dev.moco.contract.ValidationSamples;
import dev.moco.contract.ViewSamples;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.ReportInput.Drawing;
import dev.moco.operator.report.ReportInput.Run;
import dev.moco.operator.report.ReportInput.Samples;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Reads the logs of committed tasks: metrics history, precision curves, and images. All logs of a report together are
 * limited, and one that is too large, altered or not readable is named in the report instead.
 */
public final class ReportLogs {
    /** Histories and curves take about ten times as much memory as their JSON; 800 epochs and 20 classes have 0.8 MB. */
    static final int JSON_BYTES = 2 << 20;

    /** A trial draws eight images, which have 4 MB in VOC. A page in memory takes several times as much. */
    static final int DRAWING_BYTES = 6 << 20;

    private static final Set<String> SAMPLES = Set.of(ViewSamples.FILE, ValidationSamples.FILE, DetectionSamples.FILE);
    private static final int MAX_CURVES = 200;
    private static final int LONGEST_REASON = 300;

    private final ArtifactStore store;
    private final Path cache;
    private long jsonLeft = JSON_BYTES;
    private long drawingsLeft = DRAWING_BYTES;
    private boolean trialShown;

    private ReportLogs(ArtifactStore store, Path cache) {
        this.store = store;
        this.cache = cache;
    }

    /**
     * The input of a report: committed tasks with their logs, read through a local cache. Of several trials, all
     * histories are read, and the other logs of the first.
     */
    public static ReportInput fetch(Experiment experiment, Decision decision, ArtifactStore store, Path cache)
            throws IOException {
        return ReportInput.of(experiment, decision, new ReportLogs(store, cache)::run);
    }

    private Run run(String task, Manifest manifest) throws IOException {
        if (manifest.stage().readsRawData()) {
            return Run.withoutLogs(task, manifest);
        }
        boolean historyAlone = manifest.stage().hasTrials() && trialShown;
        trialShown |= manifest.stage().hasTrials();
        ArtifactReader reader = store.reader(manifest, cache);
        List<HistoryPoint> history = new ArrayList<>();
        List<PrecisionRecallCurve> curves = new ArrayList<>();
        Samples samples = Samples.NONE;
        List<String> missing = new ArrayList<>();
        for (FileEntry log : manifest.logs()) {
            if (historyAlone && !log.path().equals(HistoryPoint.FILE)) {
                continue;
            }
            try {
                if (log.path().equals(HistoryPoint.FILE)) {
                    jsonLeft = subtract(log, jsonLeft, JSON_BYTES);
                    history.addAll(history(reader.file(log.path())));
                } else if (log.path().equals(PrecisionRecallCurve.FILE)) {
                    jsonLeft = subtract(log, jsonLeft, JSON_BYTES);
                    curves.addAll(curves(reader.file(log.path())));
                } else if (log.path().endsWith(".png")) {
                    drawingsLeft = subtract(log, drawingsLeft, DRAWING_BYTES);
                    String name = log.path().substring(log.path().lastIndexOf('/') + 1);
                    samples = samples.withDrawing(new Drawing(name, Files.readAllBytes(reader.file(log.path()))));
                } else if (SAMPLES.contains(log.path())) {
                    drawingsLeft = subtract(log, drawingsLeft, DRAWING_BYTES);
                    samples = samples(samples, log.path(), Files.readAllBytes(reader.file(log.path())));
                }
            } catch (UncheckedIOException e) {
                missing.add(log.path() + " is " + reason(e));
            } catch (StageFailure e) {
                if (e.exitCode() != ExitCode.BAD_DATA) {
                    throw e;
                }
                missing.add(log.path() + ", as " + reason(e));
            }
        }
        return new Run(task, manifest, history, curves, samples, missing);
    }

    private static Samples samples(Samples before, String path, byte[] json) {
        return switch (path) {
            case ViewSamples.FILE -> before.withViews(CanonicalJson.read(json, ViewSamples.class));
            case ValidationSamples.FILE -> before.withValidation(CanonicalJson.read(json, ValidationSamples.class));
            case DetectionSamples.FILE -> before.withDetections(CanonicalJson.read(json, DetectionSamples.class));
            default -> throw new IllegalArgumentException(path + " has no samples");
        };
    }

    /** Subtracts the size of a log from what is left of a limit. */
    private static long subtract(FileEntry log, long left, int limit) {
        if (log.size() > left) {
            throw StageFailure.badData("it has " + log.size() + " bytes; of its kind a report shows at most " + limit);
        }
        return left - log.size();
    }

    private static List<HistoryPoint> history(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8)
                .lines()
                .map(line -> CanonicalJson.read(line.getBytes(StandardCharsets.UTF_8), HistoryPoint.class))
                .toList();
    }

    private static List<PrecisionRecallCurve> curves(Path file) throws IOException {
        List<PrecisionRecallCurve> curves =
                Arrays.asList(CanonicalJson.read(Files.readAllBytes(file), PrecisionRecallCurve[].class));
        if (curves.contains(null)) {
            throw StageFailure.badData("it has a curve that is null");
        }
        if (curves.size() > MAX_CURVES) {
            throw StageFailure.badData("it has " + curves.size() + " curves; a report shows at most " + MAX_CURVES);
        }
        return curves;
    }

    private static String reason(RuntimeException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.substring(0, Math.min(LONGEST_REASON, message.length()));
    }
}
