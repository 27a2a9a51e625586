package dev.moco.operator.reconcile;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Manifest.FileEntry;
import dev.moco.contract.Provenance;
import dev.moco.contract.Stage;
import dev.moco.contract.StageResult;
import dev.moco.contract.StageResult.AveragePrecision;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import dev.moco.localcluster.ContainerExit;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;

/** Results of stage pods without training: each is committed under the key in the pod's environment. */
public final class FakeStages implements Function<Pod, ContainerExit> {
    private final ArtifactStore store;
    private final ConcurrentLinkedQueue<StageTask> ran = new ConcurrentLinkedQueue<>();
    private final Map<Stage, Termination> failures = new ConcurrentHashMap<>();

    public FakeStages(ArtifactStore store) {
        this.store = store;
    }

    /** Makes pods of a stage end with this termination, until {@link #mend}. */
    public FakeStages fail(Stage stage, int exitCode, String message) {
        failures.put(stage, new Termination(exitCode, message, null));
        return this;
    }

    public void mend() {
        failures.clear();
    }

    /** Every task that a pod ran, in the order in which they ended. */
    public List<StageTask> ran() {
        return List.copyOf(ran);
    }

    @Override
    public ContainerExit apply(Pod pod) {
        StageTask task = task(pod);
        ran.add(task);
        Termination failure = failures.get(task.config().stage());
        if (failure != null) {
            return ended(failure);
        }
        try {
            return ended(new Termination(ExitCode.DONE, null, commit(task).digest()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ContainerExit ended(Termination how) {
        return new ContainerExit(how.exitCode(), new String(CanonicalJson.bytes(how), StandardCharsets.UTF_8));
    }

    /** The {@code StageTask} of a pod. */
    public static StageTask task(Pod pod) {
        Optional<String> one = variable(pod, StageTask.VARIABLE);
        if (one.isPresent()) {
            return CanonicalJson.read(one.get().getBytes(StandardCharsets.UTF_8), StageTask.class);
        }
        int index =
                Integer.parseInt(pod.getMetadata().getAnnotations().get("batch.kubernetes.io/job-completion-index"));
        byte[] all = variable(pod, StageTask.LIST_VARIABLE).orElseThrow().getBytes(StandardCharsets.UTF_8);
        return CanonicalJson.read(all, StageTask[].class)[index];
    }

    private static Optional<String> variable(Pod pod, String name) {
        return pod.getSpec().getContainers().get(0).getEnv().stream()
                .filter(variable -> variable.getName().equals(name))
                .map(EnvVar::getValue)
                .findFirst();
    }

    private Manifest commit(StageTask task) throws IOException {
        Path file = Files.createTempFile("fake", ".bin");
        try {
            Files.writeString(file, task.key());
            List<FileEntry> files = store.upload(task.config().stage(), task.key(), Map.of("result.bin", file));
            return store.commit(new Manifest(
                    Manifest.VERSION,
                    task.config().stage(),
                    task.key(),
                    task.config(),
                    task.inputs(),
                    files,
                    List.of(),
                    result(task.config().stage()),
                    new Provenance(Instant.now(), Instant.now(), Map.of(), Map.of(), 1, 3600)));
        } finally {
            Files.delete(file);
        }
    }

    private static StageResult result(Stage stage) {
        AveragePrecision precisions = new AveragePrecision(82.4, 57.0, 63.6);
        return switch (stage) {
            case PREPARE -> new StageResult.Prepared(64, 16, 2, 1000, 0, List.of());
            case WEIGHTS -> new StageResult.Imported("w.pth", "0".repeat(32), "0".repeat(64), "a PyTorch file");
            case PRETRAIN -> new StageResult.Pretrained(6.5, 60, 80, null, null);
            case LINEAR -> new StageResult.Classified(67.5, 88, 1, 67.4, 88, 1.5);
            case KNN -> new StageResult.KnnAccuracy(55.5);
            case DETECT -> new StageResult.Detected(precisions, precisions, precisions, List.of());
        };
    }
}
