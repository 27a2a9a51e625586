package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.FolderObjectStore;
import dev.moco.contract.Experiment;
import dev.moco.contract.Stage;
import dev.moco.contract.Task;
import dev.moco.operator.spec.CheckpointExperiment;
import dev.moco.operator.spec.ExperimentFiles;
import dev.moco.operator.spec.ExperimentFiles.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRecordsTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private RunRecords records;
    private Source evaluation;

    @BeforeEach
    void create() throws IOException {
        records = new RunRecords(new FolderObjectStore(Files.createDirectories(folder.resolve("store"))));
        Path file = Files.writeString(folder.resolve("x.yaml"), """
                apiVersion: moco.dev/v1alpha1
                kind: MoCoExperiment
                metadata: {name: x}
                spec: {data: {imagenet: s3://raw/imagenet}, detection: {enabled: false}}
                """);
        evaluation = CheckpointExperiment.of(
                ExperimentFiles.read(List.of(file)).get(0), "s3://mine/checkpoint", 5, Set.of(Stage.KNN));
    }

    @Test
    void nearestNeighborsAreRecorded() throws IOException {
        records.put(evaluation.tree(), evaluation.reading(), Map.of(Task.WEIGHTS, "w"), NOW);
        Experiment read = records.all().recorded().get(0).reading().experiment();
        assertThat(read.nearestNeighbors()).isEqualTo(evaluation.experiment().nearestNeighbors());
        assertThat(read.tasks()).isEqualTo(evaluation.experiment().tasks());
    }

    @Test
    void anExperimentThatRunsAgainHasTheSameStamp() throws IOException {
        records.put(evaluation.tree(), evaluation.reading(), Map.of(), NOW);
        Map<String, String> before = records.stamps();
        records.put(evaluation.tree(), evaluation.reading(), Map.of(), NOW);
        assertThat(records.stamps()).isEqualTo(before).containsOnlyKeys("v1/runs/x-epoch-5-knn.json");
    }

    @Test
    void whatIsNoRecordIsNamed() throws IOException {
        records.put(evaluation.tree(), evaluation.reading(), Map.of(), NOW);
        String key = "v1/runs/" + evaluation.experiment().name() + ".json";
        String record = new String(records.objects().get(key).orElseThrow(), StandardCharsets.UTF_8);
        for (String config : List.of("null", "{}", "7", "{\"stage\":\"linear\"}", "{\"neighbors\":\"1e999\"}")) {
            put(
                    key,
                    record.replaceFirst("(?s)\"knn\" : \\{.*?\\}", "\"knn\" : " + config)
                            .getBytes(StandardCharsets.UTF_8));
            assertThat(records.all().unreadable())
                    .containsOnlyKeys("x-epoch-5-knn")
                    .allSatisfy((name, reason) -> assertThat(reason).startsWith("has a status.knn that is not a"));
        }
        put(key, new byte[] {0, 0, 0, '{', -1, -1, -1, -1});
        assertThat(records.all().unreadable())
                .containsOnlyKeys("x-epoch-5-knn")
                .allSatisfy((name, reason) -> assertThat(reason).startsWith("is not JSON: "));
        records.put(evaluation.tree(), evaluation.reading(), Map.of(), NOW);
        assertThat(records.all().unreadable()).isEmpty();
    }

    private void put(String key, byte[] bytes) throws IOException {
        records.objects().put(key, bytes);
    }
}
