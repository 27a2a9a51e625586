package dev.moco.training.stage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.EmbeddedS3;
import dev.moco.artifacts.FileTree;
import dev.moco.contract.ArtifactKey;
import dev.moco.contract.ArtifactRef;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.ExitCode;
import dev.moco.contract.Manifest;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageTask;
import dev.moco.contract.StoreLocation;
import dev.moco.contract.Termination;
import dev.moco.training.StageMain;
import dev.moco.training.prepare.RequestRelay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A small stage with a store in a folder, and runs of it by one real process a device. */
public final class DeviceStage {
    /** Exit code of a launcher that was killed. */
    public static final int KILLED = 128 + 9;

    /** Requests for images of training. */
    public static final Pattern READS = Pattern.compile("GET \\S*/train/\\S* HTTP");

    public static final Pattern CHECKPOINTS = Pattern.compile("PUT \\S*/checkpoints/\\S* HTTP");

    /** The request that makes the files of a stage its result. */
    public static final Pattern COMMITS =
            Pattern.compile("PUT \\S*/(pretrain|linear|detect)/[0-9a-f]{64}/manifest\\.json\\S* HTTP");

    private static final Pattern STARTED = Pattern.compile("started device=(\\d+) pid=(\\d+)");

    private final Path folder;
    private final EmbeddedS3 server;
    private final ArtifactStore store;
    private final String name;
    private final Map<String, ArtifactRef> inputs;
    private StageConfig config;

    DeviceStage(
            Path folder,
            EmbeddedS3 server,
            ArtifactStore store,
            String name,
            StageConfig config,
            Map<String, ArtifactRef> inputs) {
        this.folder = folder;
        this.server = server;
        this.store = store;
        this.name = name;
        this.config = config;
        this.inputs = inputs;
    }

    /** Acts on a running stage before one of its requests; returns whether the request passes. */
    public interface Action {
        boolean run(Process launcher, Path log) throws Exception;
    }

    /** Lets the next runs train otherwise. */
    public void configure(StageConfig other) {
        config = other;
    }

    /** Key of its result. */
    public String key() {
        return ArtifactKey.of(config, inputs);
    }

    /** The committed result. */
    public Manifest manifest() throws IOException {
        return store.manifest(config.stage(), key()).orElseThrow();
    }

    /** Deletes result and checkpoints, so that the next run starts anew. */
    public void remove() throws IOException {
        Path stored =
                folder.resolve("s3").resolve(EmbeddedS3.BUCKET).resolve(ArtifactKey.prefix(config.stage(), key()));
        if (Files.exists(stored)) {
            FileTree.delete(stored);
        }
    }

    public Termination termination() throws IOException {
        return CanonicalJson.read(Files.readAllBytes(terminationFile()), Termination.class);
    }

    private Path terminationFile() {
        return folder.resolve("termination");
    }

    /** Runs the stage to its end, and returns its result. */
    public Manifest whole(int devices) throws Exception {
        remove();
        assertThat(run(devices, READS, 0, (launcher, log) -> true)).isEqualTo(ExitCode.DONE);
        return manifest();
    }

    /** Runs the stage, with an action before a request of a kind, if its number is not 0; returns its exit code. */
    public int run(int devices, Pattern kind, int number, Action action) throws Exception {
        return run(devices, Map.of(), kind, number, action);
    }

    /** Does the same with further variables of the environment. */
    public int run(int devices, Map<String, String> variables, Pattern kind, int number, Action action)
            throws Exception {
        CompletableFuture<Process> process = new CompletableFuture<>();
        Path log = Files.createTempFile(folder, "stage", ".log");
        try (RequestRelay relay = new RequestRelay(server.location(), kind, number, () -> {
            try {
                return action.run(process.join(), log);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        })) {
            Process started = start(relay.location(), devices, variables, log);
            process.complete(started);
            int exitCode = started.waitFor();
            assertThat(exitCode)
                    .as(Files.readString(log))
                    .isIn(KILLED, ExitCode.FAULT, ExitCode.INTERRUPTED, ExitCode.DONE);
            return exitCode;
        }
    }

    /** Starts the stage; it saves a checkpoint after every step. */
    public Process start(StoreLocation location, int devices, Map<String, String> variables, Path log)
            throws IOException {
        Files.deleteIfExists(terminationFile());
        ProcessBuilder builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dai.djl.offline=true",
                "-cp",
                System.getProperty("java.class.path"),
                StageMain.class.getName(),
                config.stage().id());
        builder.environment().keySet().removeIf(other -> other.startsWith("AWS_") || other.startsWith("MOCO_"));
        builder.environment().putAll(server.environment());
        StageTask task = new StageTask(
                "tiny",
                name,
                key(),
                config,
                inputs,
                null,
                location,
                new StageTask.Execution(
                        1, Files.createTempDirectory(folder, "cache").toString(), 0, 0, null, false));
        builder.environment().put(StageTask.VARIABLE, new String(CanonicalJson.bytes(task), StandardCharsets.UTF_8));
        builder.environment()
                .put(StageTask.TERMINATION_VARIABLE, terminationFile().toString());
        builder.environment().put("MOCO_DEVICES", Integer.toString(devices));
        builder.environment().putAll(variables);
        return builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
    }

    /** Sends a signal to the process of a device; returns whether a request that waits may pass. */
    public static boolean kill(String signal, Path log, int device) throws Exception {
        assertThat(new ProcessBuilder("kill", signal, Long.toString(pid(log, device)))
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
        return signal.equals("-STOP");
    }

    /** The process of a device, from the log. */
    public static long pid(Path log, int device) throws IOException {
        Matcher started = STARTED.matcher(Files.readString(log));
        while (started.find()) {
            if (started.group(1).equals(Integer.toString(device))) {
                return Long.parseLong(started.group(2));
            }
        }
        throw new AssertionError("device " + device + " was not started: " + Files.readString(log));
    }

    /** True until a process has ended; where nothing collects its exit code it then remains as a zombie. */
    public static boolean running(long pid) {
        try {
            return !Files.readString(Path.of("/proc", Long.toString(pid), "stat"))
                    .matches("(?s).*\\) Z .*");
        } catch (IOException e) {
            return false;
        }
    }
}
