package dev.moco.training.bench;

import dev.moco.artifacts.ScratchFolder;
import dev.moco.contract.CanonicalJson;
import dev.moco.contract.DeviceCounts;
import dev.moco.contract.ExitCode;
import dev.moco.contract.JvmMemory;
import dev.moco.contract.PretrainConfig;
import dev.moco.contract.StageFailure;
import dev.moco.contract.Termination;
import dev.moco.training.bench.DeviceOptions.DeviceName;
import dev.moco.training.collectives.Devices;
import dev.moco.training.collectives.LaunchVariables;
import dev.moco.training.collectives.Launcher;
import dev.moco.training.collectives.OwnCommand;
import dev.moco.training.stage.Machine;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** {@code moco bench world}: several devices together, one process each. */
@Command(
        name = "world",
        mixinStandardHelpOptions = true,
        description = {
            "Times on several numbers of devices, one process each: sums and gathers over all (collectives); steps of"
                    + " pre-training on images in memory (steps); the same with the loader beside them, with --data"
                    + " (files); iterations of detection, a trial on each device (trials).",
            "Results are beside what is expected of GPUs that are known. The page so far is in bench-world.txt and"
                    + " bench-world.json of the work folder at all times; a device that fails ends the bench with its"
                    + " reason.",
            "GPUs exchange arrays by NCCL, processes on the CPU by sockets; MOCO_COLLECTIVES says otherwise."
        })
final class WorldBench implements Callable<Integer> {
    private static final String PAGE = "bench-world";
    /** Most devices on the CPU by default, as these are processes that share its cores. */
    private static final int CPU_DEVICES = 2;
    /** Without a repetition for so long, processes hang. */
    private static final int STALL_SECONDS = 600;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // set by picocli
    BenchMain bench;

    @Mixin
    DeviceOptions compute = new DeviceOptions();

    @Mixin
    WorldOptions sizes = new WorldOptions();

    @Option(
            names = "--devices",
            paramLabel = "N",
            split = ",",
            description = "Numbers of devices, which divide the ranks. Default: all of these up to the GPUs of the"
                    + " machine; on the CPU up to 2")
    List<Integer> devices = List.of();

    @Option(
            names = "--parts",
            paramLabel = "NAME",
            split = ",",
            description = "collectives, steps, files or trials. Default: all, files with --data only")
    List<WorldPart> parts = List.of();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Class folders of JPEGs or PNGs, read by the loader of pre-training.")
    @Nullable
    Path data;

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "Time after which nothing else is measured. Default: ${DEFAULT-VALUE}")
    int minutes = 60;

    private final List<WorldRun> runs = new ArrayList<>();
    private long begun;

    @Override
    public Integer call() throws Exception {
        begun = System.nanoTime();
        compute.check();
        sizes.check(gpu());
        BenchMain.requireAtLeast("--minutes", minutes, 0);
        List<WorldPart> chosen = chosenParts();
        if (data != null) {
            FolderImages.of(data, 1); // fails without images, before anything is measured
        }
        List<Integer> counts = counts();
        Termination end = null;
        try (ScratchFolder scratch = ScratchFolder.below(bench.work, PAGE + "-")) {
            BenchMain.printProgress(
                    "the results so far are in " + page(BenchMain.Output.text) + " and " + page(BenchMain.Output.json));
            save(end);
            for (WorldPart part : chosen) {
                for (int count : counts) {
                    if (end == null && part.takes(count)) {
                        end = measure(part, count, scratch.path().resolve("results"));
                        save(end);
                    }
                }
            }
        }
        System.out.println(new WorldPage(config(), compute.threads, settings(), runs, end).write(bench.output));
        if (end != null) {
            System.err.println("moco: " + end.message());
        }
        return end == null ? ExitCode.DONE : end.exitCode();
    }

    private boolean gpu() {
        return compute.device == DeviceName.CUDA;
    }

    private PretrainConfig config() {
        return sizes.pretrain(gpu());
    }

    private List<WorldPart> chosenParts() {
        if (data == null && parts.contains(WorldPart.FILES)) {
            throw StageFailure.badConfig("--parts has files, which need --data");
        }
        return Arrays.stream(WorldPart.values())
                .filter(part -> parts.isEmpty() ? data != null || part != WorldPart.FILES : parts.contains(part))
                .toList();
    }

    /** Numbers of devices, ascending. */
    private List<Integer> counts() {
        int seen = gpus();
        if (devices.isEmpty()) {
            int most = gpu() ? Math.max(1, seen) : CPU_DEVICES;
            return DeviceCounts.of(sizes.ranks).stream()
                    .filter(count -> count <= most)
                    .toList();
        }
        for (int count : devices) {
            DeviceCounts.require(sizes.ranks, count);
            if (gpu() && seen > 0 && count > seen && !Devices.mayShare(System.getenv())) {
                throw StageFailure.badConfig("--devices must not exceed the " + seen + " GPUs, found " + count);
            }
        }
        return devices.stream().distinct().sorted().toList();
    }

    private int gpus() {
        return gpu() ? Machine.gpus(System.getenv()) : 0;
    }

    /** Measures a part on some devices; returns why it failed, or null. */
    private @Nullable Termination measure(WorldPart part, int count, Path results)
            throws IOException, InterruptedException {
        String name = ComputeOptions.optionValue(part) + " on " + count + (count == 1 ? " device" : " devices");
        if (isOver()) {
            return new Termination(
                    ExitCode.INTERRUPTED, "stopped before " + name + ", after " + minutes + " minutes", null);
        }
        BenchMain.printProgress(name);
        Files.deleteIfExists(results);
        Termination end = launch(part, count, results);
        if (end.exitCode() != ExitCode.DONE) {
            return new Termination(end.exitCode(), name + ": " + end.message(), null);
        }
        runs.add(new WorldRun(part, count, CanonicalJson.read(Files.readAllBytes(results), WorldOutcome.class)));
        return null;
    }

    private Termination launch(WorldPart part, int count, Path results) throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.put(LaunchVariables.DEVICES, Integer.toString(count));
        environment.putIfAbsent(LaunchVariables.STALL, Integer.toString(STALL_SECONDS));
        WorldTask task = new WorldTask(
                part,
                config(),
                sizes.detect(gpu()),
                gpu(),
                compute.threads,
                sizes.warmup(gpu()),
                sizes.steps(gpu()),
                data == null ? null : data.toString());
        List<String> command = OwnCommand.of(
                BenchMain.class,
                JvmMemory.of(task.threadsOf(count)),
                List.of(
                        WorldMember.NAME,
                        new String(CanonicalJson.bytes(task), StandardCharsets.UTF_8),
                        results.toAbsolutePath().toString()));
        return new Launcher(command, environment, Devices.of(environment, config(), gpus()), this::isOver).run();
    }

    private boolean isOver() {
        return System.nanoTime() - begun >= TimeUnit.MINUTES.toNanos(minutes);
    }

    private Path page(BenchMain.Output output) {
        return bench.work.resolve(PAGE + (output == BenchMain.Output.json ? ".json" : ".txt"));
    }

    /** Replaces both files of the page, each at once, so that a bench that is killed leaves whole ones. */
    private void save(@Nullable Termination end) throws IOException {
        WorldPage written = new WorldPage(config(), compute.threads, settings(), runs, end);
        for (BenchMain.Output output : BenchMain.Output.values()) {
            Path file = page(output);
            Path newer = file.resolveSibling(file.getFileName() + ".new");
            Files.writeString(newer, written.write(output) + "\n");
            Files.move(newer, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private Map<String, Object> settings() {
        PretrainConfig config = config();
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("device", compute.device.name().toLowerCase(Locale.ROOT));
        settings.put("devices", counts());
        settings.put(
                "parts", chosenParts().stream().map(ComputeOptions::optionValue).toList());
        settings.put("arch", config.architecture().id());
        settings.put("imageSize", config.imageSize());
        settings.put("batchSize", config.batchSize());
        settings.put("ranks", config.ranks());
        settings.put("queueSize", config.contrast().queueSize());
        settings.put("precision", ComputeOptions.optionValue(config.precision()));
        settings.put("detectBatchSize", sizes.detect(gpu()).batchSize());
        settings.put("warmup", sizes.warmup(gpu()));
        settings.put("steps", sizes.steps(gpu()));
        settings.put("data", data == null ? "random" : data.toString());
        return settings;
    }
}
