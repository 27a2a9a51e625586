package dev.moco.operator.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.FolderObjectStore;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Progress;
import dev.moco.contract.Task;
import dev.moco.contract.Termination;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.spec.ExperimentReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Attempts of a local run. */
class LocalObservationsTest {
    @TempDir
    Path folder;

    private Instant now = Instant.EPOCH;
    private ArtifactStore store;
    private LocalObservations observations;

    @BeforeEach
    void open() throws IOException {
        store = new ArtifactStore(new FolderObjectStore(folder));
        observations = observations(new HashMap<>());
    }

    private LocalObservations observations(Map<String, Termination> refused) throws IOException {
        Experiment experiment = ExperimentReader.read(new YAMLMapper().readTree("""
                                apiVersion: moco.dev/v1alpha1
                                kind: MoCoExperiment
                                metadata: {name: x}
                                spec: {data: {imagenet: s3://raw/imagenet, voc: s3://raw/voc}}
                                """), Optional.empty())
                .experiment();
        return new LocalObservations(
                experiment, store, Map.of(Task.PREPARE_IMAGENET, "i", Task.PREPARE_VOC, "v"), refused);
    }

    @ParameterizedTest(name = "exit code {0}: {1} for the next experiment")
    @CsvSource({"65, FAILED", "78, FAILED", "1, READY", "75, READY"})
    void whatBadDataForbidsIsNotTriedByTheNextExperiment(int exitCode, TaskState next) throws IOException {
        Map<String, Termination> refused = new HashMap<>();
        observations = observations(refused);
        observations.started(Task.PREPARE_VOC);
        observations.ended(task(), new Termination(exitCode, "7.xml has no area", null), now);

        observations = observations(refused);
        assertThat(task().state()).isEqualTo(next);
        assertThat(task().reason())
                .isEqualTo(next == TaskState.FAILED ? "7.xml has no area" : "no result under its key");
        assertThat(observations.decide(now).exitCode()).isEqualTo(next == TaskState.FAILED ? exitCode : ExitCode.DONE);
    }

    @Test
    void faultsWithANewCheckpointBetweenThemDoNotFailATask() throws IOException {
        for (long step = 1; step <= 3 * Task.RETRIES; step++) {
            report(step);
            assertThat(afterAFault().state()).as("fault at step " + step).isEqualTo(TaskState.READY);
        }
        for (int fault = 1; fault < Task.RETRIES; fault++) {
            assertThat(afterAFault().state()).isEqualTo(TaskState.READY);
        }
        assertThat(afterAFault().state()).as("without another checkpoint").isEqualTo(TaskState.FAILED);
    }

    @Test
    void theListingOfManyFilesIsReportedAndDoneOnce() throws IOException {
        Path images = folder.resolve("raw/train/a");
        Files.createDirectories(images);
        for (int i = 0; i < 2001; i++) {
            Files.createFile(images.resolve(i + ".JPEG"));
        }
        Experiment experiment = ExperimentReader.read(new YAMLMapper().readTree("""
                                apiVersion: moco.dev/v1alpha1
                                kind: MoCoExperiment
                                metadata: {name: x}
                                spec: {data: {imagenet: raw}, detection: {enabled: false}}
                                """), Optional.of(folder))
                .experiment();
        List<String> reports = new ArrayList<>();

        RawDataListing listing = new RawDataListing();
        for (int i = 0; i < 2; i++) {
            listing.of(experiment, null, (task, progress) -> reports.add(task + " " + ProgressDisplay.line(progress)));
        }

        assertThat(reports)
                .containsExactly(
                        Task.PREPARE_IMAGENET + " listing step 1000", Task.PREPARE_IMAGENET + " listing step 2000");
    }

    private PlannedTask afterAFault() throws IOException {
        observations.started(Task.PREPARE_VOC);
        observations.ended(task(), new Termination(ExitCode.FAULT, "reset by peer", null), now);
        now = now.plus(Duration.ofHours(1));
        return task();
    }

    private void report(long checkpoint) throws IOException {
        store.report(
                task().task().stage(),
                task().key().orElseThrow(),
                new Progress(
                        Progress.TRAINING,
                        0,
                        1,
                        checkpoint,
                        100,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        checkpoint,
                        1,
                        now));
    }

    private PlannedTask task() throws IOException {
        return observations.decide(now).tasks().stream()
                .filter(task -> task.task().name().equals(Task.PREPARE_VOC))
                .findFirst()
                .orElseThrow();
    }
}
