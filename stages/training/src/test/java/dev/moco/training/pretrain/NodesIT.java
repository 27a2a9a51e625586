package dev.moco.training.pretrain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.ObjectStore;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.Stage;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.Termination;
import dev.moco.training.prepare.RequestRelay;
import dev.moco.training.stage.DeviceStage;
import dev.moco.training.stage.SmallStages;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pre-training on two nodes with two devices each: real processes that meet over a real S3 server. */
class NodesIT {
    private static final int DEVICES = 2;
    private static final Pattern PORT = Pattern.compile("\"port\":(\\d+)");

    @TempDir
    Path folder;

    private EmbeddedS3 server;
    private ObjectStore objects;
    private DeviceStage stage;
    private final List<Pod> pods = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        server = EmbeddedS3.start(folder.resolve("s3"));
        objects = EmbeddedS3.folder(folder.resolve("s3"));
        stage = SmallStages.pretraining(folder, server, objects);
    }

    @AfterEach
    void stop() throws IOException {
        pods.forEach(Pod::kill);
        objects.close();
        server.close();
    }

    /** The processes of a pod, whose first is the launcher. */
    private record Pod(Process process, Path log, Path end) {
        /** As when its node is lost. */
        void kill() {
            List<ProcessHandle> children = process.descendants().toList();
            process.destroyForcibly();
            children.forEach(ProcessHandle::destroyForcibly);
        }

        Termination ended() throws Exception {
            boolean ended = process.waitFor(10, TimeUnit.MINUTES);
            assertThat(ended).as(Files.readString(log)).isTrue();
            assertThat(end).as(Files.readString(log)).exists();
            return CanonicalJson.read(Files.readAllBytes(end), Termination.class);
        }
    }

    private Pod pod(StoreLocation location, int index, String uid) throws IOException {
        Path log = folder.resolve(uid + ".log");
        Path end = folder.resolve(uid + ".end");
        Process process = stage.start(
                location,
                DEVICES,
                Map.of(
                        "MOCO_NODES",
                        "2",
                        "JOB_COMPLETION_INDEX",
                        Integer.toString(index),
                        "MOCO_POD_IP",
                        "127.0.0.1",
                        "MOCO_POD_UID",
                        uid,
                        "MOCO_JOB_UID",
                        "job",
                        "MOCO_TERMINATION_LOG",
                        end.toString()),
                log);
        Pod pod = new Pod(process, log, end);
        pods.add(pod);
        return pod;
    }

    private Manifest alone() throws Exception {
        Path log = folder.resolve("alone.log");
        assertThat(stage.start(server.location(), 1, Map.of(), log).waitFor())
                .as(Files.readString(log))
                .isZero();
        Manifest alone = stage.manifest();
        stage.remove();
        return alone;
    }

    @Test
    void theNumberOfNodesChangesNoByteOfTheResultAndNobodyElseJoins() throws Exception {
        Manifest alone = alone();
        Pod first = pod(server.location(), 0, "a1");
        int port = port();
        List<Socket> neighbors = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Socket neighbor = new Socket(InetAddress.getLoopbackAddress(), port);
            OutputStream out = neighbor.getOutputStream();
            out.write(new byte[i * 40]);
            out.flush();
            neighbors.add(neighbor);
        }
        Pod second = pod(server.location(), 1, "b1");
        assertThat(first.ended()).isEqualTo(new Termination(ExitCode.DONE, null, alone.digest()));
        assertThat(second.ended().exitCode()).isEqualTo(ExitCode.DONE);
        DevicesIT.assertSame(stage.manifest(), alone);
        assertThat(Files.exists(folder.resolve("s3").resolve(EmbeddedS3.BUCKET).resolve(nodes() + "job")))
                .isFalse();
        for (Socket neighbor : neighbors) {
            neighbor.close();
        }

        // A pod that was lost after the commit has nothing left to wait for.
        assertThat(pod(server.location(), 1, "b2").ended().exitCode()).isEqualTo(ExitCode.DONE);
    }

    /** Port on which the first pod waits for the other, as any pod with the store can read it. */
    private int port() throws IOException {
        String hello = nodes() + "job/hello-0.json";
        await().atMost(Duration.ofMinutes(10)).until(() -> objects.get(hello).isPresent());
        Matcher port = PORT.matcher(new String(objects.get(hello).orElseThrow(), StandardCharsets.UTF_8));
        assertThat(port.find()).isTrue();
        return Integer.parseInt(port.group(1));
    }

    private String nodes() {
        return ArtifactKey.prefix(Stage.PRETRAIN, stage.key()) + "nodes/";
    }

    @Test
    void aLostPodCostsTheOthersNoRetryAndTheirSuccessorsEndInTheSameBytes() throws Exception {
        Manifest alone = alone();
        Pod second = pod(server.location(), 1, "b1");
        try (RequestRelay relay = new RequestRelay(server.location(), DeviceStage.CHECKPOINTS, 2, () -> {
            second.kill();
            return true;
        })) {
            Pod first = pod(relay.location(), 0, "a1");
            Termination end = first.ended();
            assertThat(end.exitCode()).as(Files.readString(first.log())).isEqualTo(ExitCode.INTERRUPTED);
            assertThat(end.message()).startsWith("node 0 of 2: device ").contains("lost process");
        }
        Pod first = pod(server.location(), 0, "a2");
        Pod replaced = pod(server.location(), 1, "b2");
        assertThat(first.ended().exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(replaced.ended().exitCode()).isEqualTo(ExitCode.DONE);
        assertThat(Files.readString(first.log())).contains("resuming from the checkpoint of step=");
        DevicesIT.assertSame(stage.manifest(), alone);
    }
}
