package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.Checkpoints;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.contract.Architecture;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.HistoryPoint;
import dev.moco.contract.KnnMonitor;
import dev.moco.contract.Manifest;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Optimizer.Schedule;
import dev.moco.contract.Precision;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PrepareConfig.Dataset;
import dev.moco.contract.PrepareConfig.OnBadImage;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Provenance;
import dev.moco.contract.Stage;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.Pretrained;
import dev.moco.contract.StageTask;
import dev.moco.contract.StepCost;
import dev.moco.contract.StoreLocation;
import dev.moco.training.TinyImages;
import dev.moco.training.stage.StageContext;
import dev.moco.training.stage.StageContext.Checkpoint;
import dev.moco.training.stage.StageProgram;
import dev.moco.training.stage.StageRun;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** More epochs of a finished run, with a store in a folder. */
class ContinuedRunTest {
    private static final int STEPS_PER_EPOCH = 4;
    private static final KnnMonitor KNN = new KnnMonitor(2, 1, 0.1, 0);

    /** First step of the newest run. */
    private long began;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    @ParameterizedTest(name = "{0} epochs with milestones [{1}], then 4 with [{2}], from epoch {3}")
    @CsvSource({"2, '', '', 2", "2, '1', '1 3', 2", "3, '1 2', '1 3', 2", "3, '', '1', 1"})
    void moreEpochsEndWithTheBytesOfARunFromTheStart(int epochs, String before, String after, int from)
            throws Exception {
        PretrainConfig more = config(4, Schedule.STEP, after);
        Manifest whole = run("whole", more, KNN, 1);
        run("store", config(epochs, Schedule.STEP, before), KNN, 1);

        Manifest continued = run("store", more, KNN, 1);

        assertThat(continued.files()).isEqualTo(whole.files());
        assertThat(withoutCost(continued)).isEqualTo(withoutCost(whole));
        assertThat(cost(continued).steps()).isEqualTo(4L * STEPS_PER_EPOCH);
        assertThat(losses("store", continued)).isEqualTo(losses("whole", whole));
        assertThat(began).isEqualTo((long) from * STEPS_PER_EPOCH);
    }

    @Test
    void aCosineBeginsAnew() throws Exception {
        run("store", config(2, Schedule.COSINE, ""), KNN, 1);
        run("store", config(4, Schedule.COSINE, ""), KNN, 1);
        assertThat(began).isZero();
    }

    @Test
    void fewerEpochsBeginInTheMiddleOfALongerRun() throws Exception {
        run("store", config(4, Schedule.STEP, ""), KNN, 1);
        Manifest whole = run("whole", config(3, Schedule.STEP, ""), KNN, 1);
        Manifest fewer = run("store", config(3, Schedule.STEP, ""), KNN, 1);
        assertThat(fewer.files()).isEqualTo(whole.files());
        assertThat(withoutCost(fewer)).isEqualTo(withoutCost(whole));
        assertThat(began).isEqualTo(2L * STEPS_PER_EPOCH);
    }

    @Test
    void aDamagedCheckpointIsNotTaken() throws Exception {
        PretrainConfig shorter = config(2, Schedule.STEP, "");
        run("store", shorter, KNN, 0);
        Checkpoints checkpoints = store("store").checkpoints(Stage.PRETRAIN, key(shorter));
        Path list = folder.resolve("store").resolve(EmbeddedS3.BUCKET).resolve(checkpoints.path(2L * STEPS_PER_EPOCH));
        Files.writeString(list.resolve(Checkpoints.LIST), "{");
        run("store", config(4, Schedule.STEP, ""), KNN, 0);
        assertThat(began).isZero();
    }

    @Test
    void aMonitorThatIsOffLeavesNoAccuracyOfTheOtherRun() throws Exception {
        run("store", config(2, Schedule.STEP, ""), KNN, 0);
        Pretrained result = (Pretrained)
                run("store", config(4, Schedule.STEP, ""), KnnMonitor.OFF, 0).result();
        assertThat(result.knnTop1()).isNull();
        assertThat(result.knnTop1Untrained()).isNull();
    }

    @Test
    void onlyTheInitialEncoderIsCalledUntrained() throws Exception {
        run("store", config(2, Schedule.STEP, ""), KnnMonitor.OFF, 0);
        Pretrained result =
                (Pretrained) run("store", config(4, Schedule.STEP, ""), KNN, 0).result();
        assertThat(result.knnTop1()).isNotNull();
        assertThat(result.knnTop1Untrained()).isNull();
    }

    private static StageResult withoutCost(Manifest manifest) {
        return ((Pretrained) manifest.result()).withCost(null);
    }

    private static StepCost cost(Manifest manifest) {
        return Objects.requireNonNull(((Pretrained) manifest.result()).cost());
    }

    private List<Double> losses(String store, Manifest manifest) throws IOException {
        Path lines = store(store).reader(manifest, folder.resolve("cache")).file(HistoryPoint.FILE);
        return Files.readAllLines(lines).stream()
                .map(line -> CanonicalJson.read(line.getBytes(StandardCharsets.UTF_8), HistoryPoint.class))
                .filter(point -> point.values().containsKey("loss"))
                .map(point -> point.values().get("loss"))
                .toList();
    }

    private Manifest run(String store, PretrainConfig config, KnnMonitor knn, int keepEveryEpochs)
            throws IOException, InterruptedException {
        ArtifactStore artifacts = store(store);
        StageTask task = new StageTask(
                "tiny",
                "pretrain",
                key(config),
                config,
                Map.of(StageTask.IMAGENET, images(artifacts)),
                null,
                new StoreLocation(EmbeddedS3.BUCKET, "", null, null, true, true),
                new StageTask.Execution(2, folder.resolve("cache").toString(), 600, 10, knn, false, keepEveryEpochs));
        try (StageRun run = new StageRun(task, artifacts, () -> false, Map.of(), () -> 0)) {
            began = 0;
            StageProgram<PretrainConfig> pretrain =
                    (made, context) -> new Pretrain((prepared, split) -> new TinyImages(36)).run(made, noting(context));
            return run.execute(pretrain, config);
        }
    }

    /** A context that notes with which step of another run a run begins. */
    private StageContext noting(StageContext context) {
        return (StageContext) Proxy.newProxyInstance(
                StageContext.class.getClassLoader(),
                new Class<?>[] {StageContext.class},
                (proxy, method, arguments) -> {
                    Object answer = method.invoke(context, arguments);
                    if (method.getName().equals("checkpointOfAnother") && answer instanceof Optional<?> found) {
                        began = found.map(Checkpoint.class::cast)
                                .map(Checkpoint::step)
                                .orElse(0L);
                    }
                    return answer;
                });
    }

    private String key(PretrainConfig config) throws IOException {
        return ArtifactKey.of(config, Map.of(StageTask.IMAGENET, images(store("keys"))));
    }

    private ArtifactStore store(String name) throws IOException {
        Files.createDirectories(folder.resolve(name).resolve(EmbeddedS3.BUCKET));
        return new ArtifactStore(EmbeddedS3.folder(folder.resolve(name)));
    }

    private static ArtifactRef images(ArtifactStore store) throws IOException {
        PrepareConfig config = new PrepareConfig(Dataset.IMAGENET, "f", OnBadImage.FAIL, List.of(), 8, 0);
        return store.commit(new Manifest(
                        Manifest.VERSION,
                        Stage.PREPARE,
                        ArtifactKey.of(config, Map.of()),
                        config,
                        Map.of(),
                        List.of(),
                        List.of(),
                        new StageResult.Prepared(36, 36, 2, 0, 0, List.of()),
                        new Provenance(Instant.EPOCH, Instant.EPOCH, Map.of(), Map.of(), 0, 0)))
                .ref();
    }

    private static PretrainConfig config(int epochs, Schedule schedule, String milestones) {
        return new PretrainConfig(
                Architecture.RESNET10W16,
                Head.MLP,
                8,
                16,
                Augmentation.AUG_PLUS,
                epochs,
                8,
                2,
                new Contrast(16, 0.2, 0.99),
                new Optimizer(
                        0.03,
                        0.9,
                        1e-4,
                        schedule,
                        List.of(milestones.split(" ")).stream()
                                .filter(milestone -> !milestone.isEmpty())
                                .map(Integer::valueOf)
                                .toList()),
                Precision.FLOAT32,
                7);
    }
}
