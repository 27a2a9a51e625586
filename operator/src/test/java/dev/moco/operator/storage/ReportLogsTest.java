package dev.moco.operator.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.FolderObjectStore;
import dev.moco.contract.DetectionSamples;
import dev.moco.contract.Experiment;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.Manifest;
import dev.moco.contract.PrecisionRecallCurve;
import dev.moco.contract.ValidationSamples;
import dev.moco.contract.ViewSamples;
import dev.moco.operator.plan.Commits;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Plan;
import dev.moco.operator.plan.PlanInput;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.ReportInput.Run;
import dev.moco.operator.report.ReportInput.Samples;
import dev.moco.operator.spec.ExperimentFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The logs that a report shows, from a store in which anything may be. */
class ReportLogsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
    private static final String HISTORY = "{\"epoch\":0,\"step\":1,\"values\":{\"loss\":2.5}}\n";
    private static final String CURVES = "[{\"className\":\"dog\",\"recall\":[0.5],\"precision\":[1.0]}]";

    @TempDir
    Path folder;

    private Experiment experiment;
    private final Map<String, Manifest> committed = new HashMap<>();
    private ArtifactStore store;

    @BeforeEach
    void open() throws IOException {
        experiment = ExperimentFile.read(Files.writeString(folder.resolve("x.yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: x}
                spec: {data: {imagenet: a, voc: b}, detection: {trials: 2}}
                """));
        store = new ArtifactStore(new FolderObjectStore(folder.resolve("store")));
    }

    @Test
    void logsOfPretrainingAndOfTheFirstTrialAreRead() throws IOException {
        ReportInput input = report(
                Map.of(HistoryPoint.FILE, HISTORY, PrecisionRecallCurve.FILE, CURVES, "logs/detections/00.png", "png"));
        Run pretrain = run(input, "pretrain");
        assertThat(pretrain.history()).containsExactly(new HistoryPoint(0, 1, Map.of("loss", 2.5)));
        assertThat(run(input, "detect-0").curves()).hasSize(1);
        assertThat(run(input, "detect-0").samples().drawings())
                .extracting(ReportInput.Drawing::name)
                .containsExactly("00.png");
        assertThat(run(input, "detect-1").samples().drawings()).isEmpty();
        assertThat(input.runs()).allSatisfy(run -> assertThat(run.missing()).isEmpty());
    }

    @Test
    void samplesAreRead() throws IOException {
        ReportInput input = report(Map.of(
                ViewSamples.FILE,
                "{\"samples\":[{\"image\":{\"label\":\"dog\",\"width\":1,\"height\":1,\"jpeg\":\"/9g=\"},\"views\":[]}]}",
                ValidationSamples.FILE,
                "{\"classes\":[{\"name\":\"dog\",\"images\":3,\"correct\":2}],\"confusions\":[],\"neighbors\":[],"
                        + "\"embedding\":[]}",
                DetectionSamples.FILE,
                "{\"samples\":[]}"));
        Samples samples = run(input, "detect-0").samples();
        assertThat(samples.views().orElseThrow().samples().get(0).image().label())
                .isEqualTo("dog");
        assertThat(samples.validation().orElseThrow().classes().get(0).accuracy())
                .isEqualTo(200.0 / 3);
        assertThat(samples.detections()).isPresent();
        // Of several trials, the first's images are shown.
        assertThat(run(input, "detect-1").samples()).isEqualTo(Samples.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "logs/views.json | {\"samples\":[{\"image\":{\"label\":\"a\",\"width\":9999,\"height\":1,\"jpeg\":\"\"},"
                        + "\"views\":[]}]} | columns of a picture must be at most 4096",
                "logs/detections.json | {\"samples\":null} | is not a DetectionSamples",
                "logs/detections.json | {\"samples\":[{\"truths\":[],\"found\":[]}]} | image of a sample",
                "logs/views.json | {\"samples\":[{\"views\":[]}]} | image of a sample",
                "logs/validation.json | {\"classes\":[],\"confusions\":[],\"embedding\":[],\"neighbors\":[{\"nearest\":[]}]}"
                        + " | image with neighbors",
                "logs/validation.json | {\"classes\":[],\"confusions\":[],\"embedding\":[],\"neighbors\":[{\"image\":"
                        + "{\"label\":\"a\",\"width\":1,\"height\":1,\"jpeg\":\"\"},\"nearest\":[{\"similarity\":1}]}]}"
                        + " | image of a neighbor",
                "logs/history.jsonl | {} | logs/history.jsonl is not a HistoryPoint: ",
                "logs/history.jsonl | no JSON | logs/history.jsonl is not a HistoryPoint: ",
                "logs/precision.json | [{\"className\":\"a\",\"recall\":[1e300],\"precision\":[1]}] | must be between 0 and 100"
            })
    void aLogOfOtherContentIsNamed(String path, String content, String reason) throws IOException {
        Run pretrain = run(report(Map.of(path, content)), "pretrain");
        assertThat(pretrain.missing())
                .singleElement()
                .asString()
                .startsWith(path)
                .contains(reason);
    }

    @Test
    void logsAboveTheLimitOfAReportAreNamedAndNotRead() throws IOException {
        String half = " ".repeat(ReportLogs.DRAWING_BYTES / 2);
        ReportInput input = report(Map.of(
                HistoryPoint.FILE,
                "x".repeat(ReportLogs.JSON_BYTES + 1),
                "logs/a.png",
                half,
                "logs/b.png",
                half,
                "logs/c.png",
                "png"));
        Run pretrain = run(input, "pretrain");
        assertThat(pretrain.samples().drawings()).hasSize(2);
        assertThat(pretrain.missing())
                .containsExactly(
                        "logs/c.png, as it has 3 bytes; of its kind a report shows at most 6291456",
                        "logs/history.jsonl, as it has 2097153 bytes; of its kind a report shows at most 2097152");
        try (Stream<Path> cached = Files.walk(folder.resolve("cache"))) {
            assertThat(cached.filter(Files::isRegularFile)).hasSize(1); // the drawings have one content
        }
    }

    @Test
    void anAlteredOrMissingLogIsNamed() throws IOException {
        Decision decision = decision(Map.of(HistoryPoint.FILE, HISTORY, "logs/a.png", "png"));
        List<Path> stored = new ArrayList<>();
        try (Stream<Path> all = Files.walk(folder.resolve("store"))) {
            all.filter(Files::isRegularFile).forEach(stored::add);
        }
        for (Path file : stored) {
            if (file.endsWith("a.png")) {
                Files.delete(file);
            } else {
                Files.writeString(file, "altered, and longer than the history that was committed before this text");
            }
        }
        Run pretrain = run(ReportLogs.fetch(experiment, decision, store, folder.resolve("cache")), "pretrain");
        assertThat(pretrain.missing()).hasSize(2);
        assertThat(pretrain.missing().get(0)).startsWith("logs/a.png, as ").contains("is missing");
        assertThat(pretrain.missing().get(1))
                .startsWith("logs/history.jsonl, as ")
                .contains("was altered");
    }

    private ReportInput report(Map<String, String> logs) throws IOException {
        return ReportLogs.fetch(experiment, decision(logs), store, folder.resolve("cache"));
    }

    private static Run run(ReportInput input, String task) {
        return input.runs().stream()
                .filter(run -> run.task().equals(task))
                .findFirst()
                .orElseThrow();
    }

    /** Every task is committed, with these logs. */
    private Decision decision(Map<String, String> logs) throws IOException {
        while (true) {
            PlanInput input =
                    new PlanInput(Map.of("prepare-imagenet", "f", "prepare-voc", "g"), committed, Map.of(), Map.of());
            Decision decision = Plan.decide(experiment, input, NOW);
            boolean changed = false;
            for (PlannedTask task : decision.tasks()) {
                if (task.key().isPresent() && !committed.containsKey(task.key().get())) {
                    committed.put(task.key().get(), commit(task, logs));
                    changed = true;
                }
            }
            if (!changed) {
                return decision;
            }
        }
    }

    private Manifest commit(PlannedTask task, Map<String, String> logs) throws IOException {
        Map<String, Path> files = new HashMap<>();
        for (Map.Entry<String, String> log : logs.entrySet()) {
            files.put(
                    log.getKey(),
                    Files.write(
                            Files.createTempFile(folder, "log", null),
                            log.getValue().getBytes(StandardCharsets.UTF_8)));
        }
        Manifest made = Commits.of(task);
        return new Manifest(
                made.version(),
                made.stage(),
                made.key(),
                made.config(),
                made.inputs(),
                made.files(),
                store.upload(made.stage(), made.key(), files),
                made.result(),
                made.provenance());
    }
}
