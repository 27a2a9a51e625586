package dev.moco.operator.cli;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.operator.local.LocalMachine;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.ProgressDisplay;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.spec.ExperimentFiles;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moco run}: runs experiments on this machine. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs experiments on this machine, one after another, from where they were left.",
            "Several end with the table of all, as of `moco table`; what they share runs once, and one that fails does not"
                    + " keep the others from running."
        })
final class RunCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "FILE",
            arity = "1..*",
            description =
                    "A MoCoExperiment, YAML or JSON, or several in one file, or a folder of such files; a Kustomize"
                            + " folder needs kubectl.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    List<Path> files;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    WorkOptions options;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    DevicesOption devices;

    @Option(
            names = "--deterministic",
            description = "GPUs take only algorithms that add in the same order at every run, as with"
                    + " spec.resources.deterministic: the same kind of GPU then gives the same bytes, more slowly. A CPU always"
                    + " does.")
    boolean deterministic;

    @Override
    @SuppressWarnings("try") // the lock is only held
    public Integer call() throws Exception {
        Instant start = Instant.now();
        List<ExperimentFiles.Source> sources = ExperimentFiles.read(files);
        Sweep.checkNames(sources);
        List<Experiment> experiments =
                sources.stream().map(ExperimentFiles.Source::experiment).toList();
        LocalMachine machine = devices.machine();
        WorkFolder work = new WorkFolder(options.work);
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(() -> awaitCheckpoints(stop, ended), "stop");
        try (WorkFolder.Lock lock = work.lock();
                LocalStore store = LocalStore.open(work, options.store, experiments)) {
            ProgressDisplay display = new ProgressDisplay(System.out, Boolean.getBoolean("moco.terminal"));
            display.event("moco", machine.described());
            work.sweep();
            Runtime.getRuntime().addShutdownHook(hook);
            return new Sweep(sources, work, store, machine, deterministic, display, stop).run(start);
        } finally {
            ended.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(hook);
            } catch (IllegalStateException e) {
                // The process is stopping; the shutdown hook sets the exit code.
            }
        }
    }

    /** Ctrl-C: the stages get time to save checkpoints before this process ends. */
    private static void awaitCheckpoints(AtomicBoolean stop, CountDownLatch ended) {
        stop.set(true);
        try {
            if (ended.await(150, TimeUnit.SECONDS)) {
                // The exit code of the signal would not show that a checkpoint was saved.
                Runtime.getRuntime().halt(ExitCode.INTERRUPTED);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The checkout that the launcher runs from. */
    static Path home() {
        return Path.of(System.getProperty("moco.home", "."));
    }
}
