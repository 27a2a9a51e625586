package dev.moco.training.bench;

import ai.djl.ndarray.NDManager;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.DetectConfig;
import dev.moco.contract.ExitCode;
import dev.moco.contract.FileErrors;
import dev.moco.contract.StageFailure;
import dev.moco.contract.StageTask;
import dev.moco.contract.Termination;
import dev.moco.training.collectives.Collectives;
import dev.moco.training.collectives.DeviceMember;
import dev.moco.training.collectives.PeerLostException;
import dev.moco.training.collectives.World;
import dev.moco.training.detect.DetectorWorkload;
import dev.moco.training.engine.EngineErrors;
import dev.moco.training.engine.Nccl;
import dev.moco.training.engine.TorchEngine;
import dev.moco.training.stage.Machine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** A process of {@link WorldBench}: joins the others of its launch, and measures with them. */
@Command(
        name = WorldMember.NAME,
        hidden = true,
        description = "Measures with other processes; `moco bench world` starts it.")
final class WorldMember implements Callable<Integer> {
    static final String NAME = "world-member";

    private static final String TRIAL = "trial";
    private static final int BOXES = 3;

    private final Map<String, String> environment = System.getenv();

    @Parameters(index = "0", paramLabel = "TASK", description = "Measurement, as JSON.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    String task;

    @Parameters(index = "1", paramLabel = "FILE", description = "File that the first process writes its results to.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path results;

    @Override
    public Integer call() throws Exception {
        try {
            measure(CanonicalJson.read(task.getBytes(StandardCharsets.UTF_8), WorldTask.class));
            return ExitCode.DONE;
        } catch (PeerLostException e) {
            return e.exitCode();
        } catch (StageFailure e) {
            return ended(e);
        } catch (IOException e) {
            return ended(FileErrors.of(e));
        } catch (UncheckedIOException e) {
            return ended(FileErrors.of(e));
        } catch (RuntimeException | Error e) {
            e.printStackTrace();
            Optional<StageFailure> known = EngineErrors.known(e);
            if (known.isPresent()) {
                return ended(known.get());
            }
            String message = e.toString().lines().findFirst().orElse("");
            return ended(ExitCode.FAULT, message);
        }
    }

    private int ended(StageFailure failure) throws IOException {
        return ended(failure.exitCode(), String.valueOf(failure.getMessage()));
    }

    /** Writes the cause of a failure for the launcher, which prints it once for all processes. */
    private int ended(int exitCode, String message) throws IOException {
        String file = environment.get(StageTask.TERMINATION_VARIABLE);
        if (file != null) {
            Files.write(Path.of(file), CanonicalJson.bytes(new Termination(exitCode, message, null)));
        }
        return exitCode;
    }

    private void measure(WorldTask measured) throws Exception {
        World world = DeviceMember.world(environment);
        try (NDManager manager = TorchEngine.start(
                        measured.engineThreads(world.size()),
                        measured.device(),
                        measured.pretrain().precision());
                DeviceMember member = DeviceMember.join(environment, measured.gpu(), false)) {
            WorldRepetitions repetitions = new WorldRepetitions(member, measured.warmup(), measured.repetitions());
            List<WorldTimes> times = times(measured, member.collectives(), manager, repetitions);
            if (world.writes()) {
                Files.write(results, CanonicalJson.bytes(outcome(measured, world, times)));
            }
            // Nobody leaves before all others have their results.
            member.collectives().agree(0);
        }
    }

    private static List<WorldTimes> times(
            WorldTask task, Collectives collectives, NDManager manager, WorldRepetitions repetitions) throws Exception {
        return switch (task.part()) {
            case COLLECTIVES -> new WorldCollectives(collectives, manager, repetitions).times(task.pretrain());
            case TRIALS -> List.of(trial(task.detect(), collectives.world(), manager, repetitions));
            case STEPS, FILES -> {
                try (WorldSteps steps = new WorldSteps(task, collectives, manager)) {
                    yield List.of(
                            task.part() == WorldPart.STEPS
                                    ? steps.fromMemory(repetitions)
                                    : steps.fromFiles(repetitions, Path.of(Objects.requireNonNull(task.data()))));
                }
            }
        };
    }

    /** Iterations of a trial in each process, which exchange nothing. */
    private static WorldTimes trial(DetectConfig config, World world, NDManager manager, WorldRepetitions repetitions)
            throws Exception {
        int height = config.input().testSize();
        int width = config.input().maxSize();
        try (DetectorWorkload workload =
                new DetectorWorkload(manager, config.withSeed(world.index()), height, width, BOXES)) {
            Timings timings = repetitions.time(
                    "iteration",
                    number -> workload.train(number, config.solver().learningRate()));
            return WorldTimes.of(TRIAL, (long) world.size() * config.batchSize(), timings);
        }
    }

    private WorldOutcome outcome(WorldTask task, World world, List<WorldTimes> times) {
        return new WorldOutcome(
                Machine.deviceName(task.device()),
                task.gpu() && world.size() > 1 ? Nccl.version(environment) : null,
                Machine.peakRssMib(),
                task.gpu() ? Machine.gpuBytesInUse().orElse(0) >> 20 : null,
                times);
    }
}
