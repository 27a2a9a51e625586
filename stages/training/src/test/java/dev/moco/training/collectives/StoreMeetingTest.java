package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.Architecture;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Optimizer;
import dev.moco.contract.Precision;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.PretrainConfig.Augmentation;
import dev.moco.contract.PretrainConfig.Contrast;
import dev.moco.contract.PretrainConfig.Head;
import dev.moco.contract.Stage;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pods as threads, with a store in a folder. */
class StoreMeetingTest {
    private static final PretrainConfig CONFIG = new PretrainConfig(
            Architecture.RESNET10W16,
            Head.MLP,
            32,
            32,
            Augmentation.AUG_PLUS,
            1,
            16,
            4,
            new Contrast(32, 0.2, 0.99),
            new Optimizer(0.03, 0.9, 1e-4, Optimizer.Schedule.COSINE, List.of()),
            Precision.FLOAT32,
            0);
    private static final String KEY = ArtifactKey.of(CONFIG, Map.of());
    private static final StageTask TASK = new StageTask(
            "tiny",
            "pretrain",
            KEY,
            CONFIG,
            Map.of(),
            null,
            new StoreLocation("moco", "", null, null, true, true),
            new StageTask.Execution(1, "/tmp", 0, 0, null, false));

    @TempDir
    Path folder;

    private ObjectStore objects;

    @BeforeEach
    void open() throws IOException {
        Files.createDirectories(folder.resolve(EmbeddedS3.BUCKET));
        objects = EmbeddedS3.folder(folder);
    }

    @AfterEach
    void close() {
        objects.close();
    }

    private CompletableFuture<Optional<Next>> meet(int index, String pod, int port) {
        return meet(index, pod, port, 2, Duration.ofMinutes(10));
    }

    private CompletableFuture<Optional<Next>> meet(int index, String pod, int port, int devices, Duration limit) {
        StoreMeeting meeting = meeting(index, pod, devices, limit);
        CompletableFuture<Optional<Next>> met = new CompletableFuture<>();
        Thread thread = new Thread(() -> {
            try {
                met.complete(meeting.with(port));
            } catch (Exception e) {
                met.completeExceptionally(e);
            }
        });
        thread.setDaemon(true);
        thread.start();
        return met;
    }

    private StoreMeeting meeting(int index, String pod, int devices, Duration limit) {
        Node node = new Node(index, 2, "10.0.0." + (index + 1), pod, "job");
        return new StoreMeeting(new ArtifactStore(objects), TASK, node, devices, limit);
    }

    private static Next next(CompletableFuture<Optional<Next>> met) throws Exception {
        return met.get(10, TimeUnit.MINUTES).orElseThrow();
    }

    private void awaitHello(int index, String pod) {
        await().atMost(Duration.ofMinutes(10))
                .until(() -> objects.get(prefix() + "hello-" + index + ".json")
                        .filter(json -> new String(json, StandardCharsets.UTF_8).contains(pod))
                        .isPresent());
    }

    private static String prefix() {
        return ArtifactKey.prefix(Stage.PRETRAIN, KEY) + "nodes/job/";
    }

    @Test
    void podsMeetAndTheirSuccessorsMeetAnew() throws Exception {
        CompletableFuture<Optional<Next>> second = meet(1, "b1", 4002);
        CompletableFuture<Optional<Next>> first = meet(0, "a1", 4001);
        assertThat(next(first).host()).isEqualTo("10.0.0.2");
        assertThat(next(first).port()).isEqualTo(4002);
        assertThat(next(second).host()).isEqualTo("10.0.0.1");
        assertThat(next(second).port()).isEqualTo(4001);
        assertThat(next(second).secret()).isEqualTo(next(first).secret());

        // Both were lost. The successor of the second does not join the generation before.
        CompletableFuture<Optional<Next>> secondAgain = meet(1, "b2", 4012);
        awaitHello(1, "b2");
        CompletableFuture<Optional<Next>> firstAgain = meet(0, "a2", 4011);
        assertThat(next(firstAgain).port()).isEqualTo(4012);
        assertThat(next(secondAgain).port()).isEqualTo(4011);
        assertThat(next(firstAgain).secret()).isNotEqualTo(next(first).secret());

        StoreMeeting.clear(objects, TASK);
        objects.list("", object -> assertThat(object.key()).isNull());
    }

    @Test
    void aPodNoticesThatAnotherHasASuccessor() throws Exception {
        CompletableFuture<Optional<Next>> second = meet(1, "b1", 4002);
        next(meet(0, "a1", 4001));
        next(second);
        CompletableFuture<Boolean> noticed = CompletableFuture.supplyAsync(() -> {
            try {
                meeting(0, "a1", 2, Duration.ofMinutes(10)).awaitSuccessor();
                return true;
            } catch (InterruptedException e) {
                return false;
            }
        });
        assertThat(noticed).isNotDone();
        CompletableFuture<Optional<Next>> successor = meet(1, "b2", 4012);
        assertThat(noticed.get(10, TimeUnit.MINUTES)).isTrue();
        // It waits for a successor of the first one.
        assertThat(successor).isNotDone();
    }

    @Test
    void whoeverIsAloneEndsWithoutARetryAndSaysWhoIsMissing() {
        assertThatThrownBy(() -> next(meet(0, "a1", 4001, 2, Duration.ofSeconds(1))))
                .cause()
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.INTERRUPTED))
                .hasMessage("node 0 of 2: waited 1 s for the pods of the other nodes, missing: [1]");
        assertThatThrownBy(() -> next(meet(1, "b1", 4002, 2, Duration.ofSeconds(1))))
                .cause()
                .hasMessage("node 1 of 2: waited 1 s for the pods of the other nodes, which node 0 has not brought"
                        + " together");
    }

    @Test
    void otherDevicesAreRefused() {
        CompletableFuture<Optional<Next>> second = meet(1, "b1", 4002);
        assertThatThrownBy(() -> next(meet(0, "a1", 4001, 4, Duration.ofMinutes(10))))
                .cause()
                .hasMessage("all pods of a stage must have as many devices, found 4 on node 0 and 2 on node 1");
        assertThat(second).isNotDone();
    }

    @Test
    void whatIsDamagedInTheStoreIsReplaced() throws Exception {
        objects.put(prefix() + "hello-1.json", "{\"pod\":\"b0\"}".getBytes(StandardCharsets.UTF_8));
        objects.put(prefix() + "generation.json", "none".getBytes(StandardCharsets.UTF_8));
        CompletableFuture<Optional<Next>> first = meet(0, "a1", 4001);
        CompletableFuture<Optional<Next>> second = meet(1, "b1", 4002);
        assertThat(next(first).port()).isEqualTo(4002);
        assertThat(next(second).port()).isEqualTo(4001);
    }
}
