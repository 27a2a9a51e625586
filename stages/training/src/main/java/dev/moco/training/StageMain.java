package dev.moco.training;

import dev.moco.artifacts.ArtifactStore;
import dev.moco.artifacts.S3ObjectStore;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.ExitCode;
import dev.moco.contract.FileErrors;
import dev.moco.contract.JvmMemory;
import dev.moco.contract.KnnConfig;
import dev.moco.contract.LinearConfig;
import dev.moco.contract.PrepareConfig;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import dev.moco.contract.WeightsConfig;
import dev.moco.training.collectives.DeviceMember;
import dev.moco.training.collectives.Devices;
import dev.moco.training.collectives.Launcher;
import dev.moco.training.collectives.Meeting;
import dev.moco.training.collectives.Node;
import dev.moco.training.collectives.OwnCommand;
import dev.moco.training.collectives.PeerLostException;
import dev.moco.training.collectives.StoreMeeting;
import dev.moco.training.collectives.World;
import dev.moco.training.data.shards.RangeThreads;
import dev.moco.training.data.shards.ShardedImages;
import dev.moco.training.detect.Detect;
import dev.moco.training.engine.EngineErrors;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.knn.KnnClassification;
import dev.moco.training.linear.LinearProbe;
import dev.moco.training.prepare.Prepare;
import dev.moco.training.pretrain.Pretrain;
import dev.moco.training.pretrain.PretrainSetup;
import dev.moco.training.stage.Machine;
import dev.moco.training.stage.StageProgram;
import dev.moco.training.stage.StageRun;
import dev.moco.training.weights.exchange.ImportWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Runs one stage, in a pod or as a child process of {@code moco run}. */
@Command(
        name = "stage",
        mixinStandardHelpOptions = true,
        description = "Runs the stage whose task is in the variable " + StageTask.VARIABLE + ".")
public final class StageMain implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(StageMain.class);
    /** Kubernetes truncates a termination message at 4,096 bytes; the rest is for exit code and digest. */
    private static final int MESSAGE_BYTES = 4096 - 256;

    private static final Path KUBELET_TERMINATION_LOG = Path.of("/dev/termination-log");
    private static final long GRACE_SECONDS = 110;

    private final Map<String, String> environment;
    private final AtomicBoolean stopRequested = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile int exitCode;

    @Parameters(paramLabel = "STAGE", description = "prepare, weights, pretrain, linear, knn or detect")
    @Nullable
    String stage;

    StageMain(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Exits with one of {@link ExitCode}. */
    public static void main(String... arguments) {
        // Number formatting must not depend on the locale of the system.
        Locale.setDefault(Locale.ROOT);
        RangeThreads.keepConnections();
        StageMain main = new StageMain(System.getenv());
        main.exitWithParent();
        Runtime.getRuntime().addShutdownHook(new Thread(main::stop, "stop"));
        int exitCode = new CommandLine(main).execute(arguments);
        main.exitCode = exitCode;
        main.ended.countDown();
        System.exit(exitCode);
    }

    /**
     * Shutdown hook. On SIGTERM, waits for the stage to save a checkpoint and to end, but not longer than the grace
     * period.
     */
    private void stop() {
        stopRequested.set(true);
        try {
            if (ended.getCount() == 0) {
                return; // the stage ended by itself, which runs this hook, too
            }
            LOG.info("asked to stop, by a signal");
            if (ended.await(GRACE_SECONDS, TimeUnit.SECONDS)) {
                // Sets the exit code: the JVM's own code after SIGTERM does not show whether a checkpoint was saved.
                Runtime.getRuntime().halt(exitCode);
            }
            LOG.warn("no checkpoint was saved within {} s after SIGTERM", GRACE_SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Exits when the parent process ends, which serves the object store, if {@code moco run} asks for it. */
    private void exitWithParent() {
        if (!"1".equals(environment.get(StageTask.EXIT_WITH_PARENT_VARIABLE))) {
            return;
        }
        Thread thread = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            // The parent writes nothing; the stream ends with it.
                        }
                    } catch (IOException e) {
                        LOG.debug("standard input was closed", e);
                    }
                    Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
                },
                "parent");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public Integer call() {
        Termination termination;
        try {
            termination = run();
        } catch (PeerLostException e) {
            LOG.warn("{}", e.getMessage());
            termination = new Termination(e.exitCode(), e.getMessage(), null);
        } catch (StageFailure e) {
            termination = known(e);
        } catch (InterruptedException e) {
            termination = new Termination(ExitCode.INTERRUPTED, "interrupted", null);
        } catch (IOException e) {
            termination = known(FileErrors.of(e));
        } catch (UncheckedIOException e) {
            termination = known(FileErrors.of(e));
        } catch (RuntimeException | Error e) {
            LOG.error("fault", e);
            termination = EngineErrors.known(e).map(StageMain::known).orElseGet(() -> unexpected(e));
        }
        write(termination);
        return termination.exitCode();
    }

    private Termination run() throws IOException, InterruptedException {
        StageTask task = TaskVariable.read(environment);
        if (!task.config().stage().id().equals(stage)) {
            throw StageFailure.badConfig(
                    "the task's stage is " + task.config().stage().id() + ", but the argument is " + stage);
        }
        MDC.put("experiment", task.experiment());
        MDC.put("task", task.name());
        boolean trains = !task.config().stage().readsRawData();
        if (trains && !DeviceMember.isLaunched(environment)) {
            Node node = node(task);
            Devices devices = Devices.of(environment, task.config(), Machine.gpus(environment), node.count());
            if (devices.count() * node.count() > 1) {
                return launch(task, devices, node);
            }
        }
        return new Termination(ExitCode.DONE, null, execute(task));
    }

    private Node node(StageTask task) {
        Node node = Node.of(environment);
        if (node.count() > 1 && !(task.config() instanceof PretrainConfig)) {
            throw StageFailure.badConfig(StageTask.NODES_VARIABLE + " must be 1 for "
                    + task.config().stage().id() + ", found " + node.count()
                    + "; only pre-training runs on several nodes");
        }
        return node;
    }

    /** Runs the same stage in one process for each device, each with its part of the ranks, threads and images. */
    private Termination launch(StageTask task, Devices devices, Node node) throws IOException, InterruptedException {
        int threads = Math.max(1, task.execution().threads() / devices.count());
        List<String> command = OwnCommand.of(
                StageMain.class,
                JvmMemory.of(task.config(), threads),
                List.of(task.config().stage().id()));
        if (node.count() == 1) {
            return new Launcher(command, environment, devices, stopRequested::get).run();
        }
        try (S3ObjectStore objects = S3ObjectStore.open(task.store())) {
            Meeting meeting = new StoreMeeting(new ArtifactStore(objects), task, node, devices.count());
            Termination end =
                    new Launcher(command, environment, devices, node, Optional.of(meeting), stopRequested::get).run();
            if (end.exitCode() == ExitCode.DONE && node.index() == 0) {
                clear(objects, task);
            }
            return end;
        }
    }

    /** The stage is done, so that what is left of its meeting is no failure. */
    private static void clear(S3ObjectStore objects, StageTask task) {
        try {
            StoreMeeting.clear(objects, task);
        } catch (IOException | StageFailure e) {
            LOG.warn("what the pods wrote to meet is left in the store: {}", e.getMessage());
        }
    }

    /** Returns the digest of the manifest; null in a process that does not write it. */
    private @Nullable String execute(StageTask task) throws IOException, InterruptedException {
        StageConfig config = task.config();
        DeviceMember alone = DeviceMember.ALONE;
        if (config instanceof PrepareConfig prepare) {
            return execute(task, alone, new Prepare(), prepare);
        } else if (config instanceof WeightsConfig weights) {
            return execute(task, alone, new ImportWeights(), weights);
        } else if (config instanceof PretrainConfig pretrain) {
            try (PretrainSetup begun = PretrainSetup.begin(
                            pretrain,
                            task.execution().threads(),
                            task.execution().deterministic(),
                            DeviceMember.world(environment));
                    DeviceMember member = join(task)) {
                MDC.put("task", task.name() + name(member.world()));
                return execute(task, member, new Pretrain(ShardedImages::open, begun, member.collectives()), pretrain);
            }
        }
        TorchEngine.preload();
        try (DeviceMember member = join(task)) {
            MDC.put("task", task.name() + name(member.world()));
            if (config instanceof DetectConfig detect) {
                return execute(task, member, new Detect(member.collectives()), detect);
            } else if (config instanceof LinearConfig linear) {
                return execute(task, member, new LinearProbe(ShardedImages::open, member.collectives()), linear);
            } else if (config instanceof KnnConfig knn) {
                return execute(task, member, new KnnClassification(ShardedImages::open), knn);
            }
        }
        throw new AssertionError("no program for " + config.stage());
    }

    private DeviceMember join(StageTask task) {
        return DeviceMember.join(
                environment, Machine.gpus(environment) > 0, task.execution().deterministic());
    }

    private static String name(World world) {
        return world.size() == 1 ? "" : "/" + world.index();
    }

    private <C extends StageConfig> @Nullable String execute(
            StageTask task, DeviceMember member, StageProgram<C> program, C config)
            throws IOException, InterruptedException {
        try (S3ObjectStore objects = S3ObjectStore.open(task.store());
                StageRun run = new StageRun(
                        task,
                        member.world(),
                        new ArtifactStore(objects),
                        () -> stopRequested.get() || member.stopRequested(),
                        environment,
                        objects::transferred)) {
            member.activity(run::activity);
            if (member.world().writes()) {
                String digest = run.execute(program, config).digest();
                member.awaitAll();
                return digest;
            }
            run.runWithoutWriting(program, config);
            member.awaitAll();
            return null;
        }
    }

    private static Termination unexpected(Throwable thrown) {
        String message = thrown.getClass().getSimpleName() + ": " + thrown.getMessage();
        return new Termination(ExitCode.FAULT, "unexpected " + message + "; see the log", null);
    }

    private static Termination known(StageFailure failure) {
        String message = FileErrors.explained(String.valueOf(failure.getMessage()));
        LOG.error("{}", message);
        LOG.debug("cause", failure);
        return new Termination(failure.exitCode(), message, null);
    }

    private void write(Termination termination) {
        String path = environment.get(StageTask.TERMINATION_VARIABLE);
        Path log = path == null ? KUBELET_TERMINATION_LOG : Path.of(path);
        String message = termination.message();
        if (message != null && message.getBytes(StandardCharsets.UTF_8).length > MESSAGE_BYTES) {
            String shortened = message.substring(0, MESSAGE_BYTES / 4) + " …";
            termination = new Termination(termination.exitCode(), shortened, termination.digest());
        }
        try {
            if (log.getParent() != null && Files.isWritable(Files.exists(log) ? log : log.getParent())) {
                Files.write(log, CanonicalJson.bytes(termination));
            }
        } catch (IOException e) {
            LOG.warn("cannot write {}: {}", log, e.getMessage());
        }
    }
}
