package dev.moco.operator.cli;

import dev.moco.contract.ExitCode;
import dev.moco.contract.Experiment;
import dev.moco.contract.Printable;
import dev.moco.operator.api.MoCoExperimentStatus;
import dev.moco.operator.local.LocalDriver;
import dev.moco.operator.local.LocalMachine;
import dev.moco.operator.local.LocalObservations;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.ProgressDisplay;
import dev.moco.operator.local.ReportFiles;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.ReportInput;
import dev.moco.operator.report.ResultTable;
import dev.moco.operator.report.StatusReport;
import dev.moco.operator.spec.ExperimentFile;
import dev.moco.operator.storage.ReportLogs;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code moco run}: runs an experiment on this machine. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Runs an experiment on this machine, from where it was left.")
final class RunCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "The experiment: a MoCoExperiment, YAML or JSON.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    Path file;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    WorkOptions options;

    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    DevicesOption devices;

    @Override
    @SuppressWarnings("try") // the lock is only held
    public Integer call() throws Exception {
        Instant start = Instant.now();
        Experiment experiment = ExperimentFile.read(file);
        LocalMachine machine = devices.machine();
        WorkFolder work = new WorkFolder(options.work);
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch ended = new CountDownLatch(1);
        Thread hook = new Thread(() -> awaitCheckpoints(stop, ended), "stop");
        try (WorkFolder.Lock lock = work.lock();
                LocalStore store = LocalStore.open(work, options.store, experiment)) {
            ProgressDisplay display = new ProgressDisplay(System.out, Boolean.getBoolean("moco.terminal"));
            display.event("moco", machine.described());
            work.sweep();
            Runtime.getRuntime().addShutdownHook(hook);
            LocalObservations observations = new LocalObservations(
                    experiment,
                    store.artifacts(),
                    store.remote(),
                    (task, progress) -> display.progress(task, progress, Instant.now()));
            machine.capacity().check(observations.decide(start), experiment);
            LocalDriver driver = new LocalDriver(experiment, work, home(), store, display, machine, stop);
            Decision decision = driver.run(observations);
            report(experiment, work, store, decision, System.out, start);
            return decision.succeeded() || decision.exitCode() != ExitCode.DONE ? decision.exitCode() : ExitCode.FAULT;
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

    static void report(
            Experiment experiment, WorkFolder work, LocalStore store, Decision decision, PrintStream out, Instant start)
            throws Exception {
        ReportInput input = ReportLogs.fetch(experiment, decision, store.artifacts(), work.cache());
        MoCoExperimentStatus status = StatusReport.of(decision, input, Map.of());
        Path folder = work.reports(experiment.name());
        ReportFiles.write(folder, status, input);
        String age = StatusReport.eta(Duration.between(start, Instant.now()).toMillis() / 1000.0);
        out.println();
        out.println(ResultTable.of(experiment.name(), status.summary(), age));
        out.println();
        for (MoCoExperimentStatus.Result result : status.results()) {
            out.printf(
                    "%-36s %s%s%s%n",
                    result.metric(),
                    result.value(),
                    result.gain().isEmpty() ? "" : "   untrained " + result.untrained() + ", gain " + result.gain(),
                    result.difference().isEmpty()
                            ? ""
                            : "   paper " + result.paper() + " (" + result.difference() + ")");
        }
        for (String file : new String[] {"report.html", "report.md", "status.yaml", "status.json"}) {
            out.println(folder.resolve(file));
        }
        for (PlannedTask task : decision.tasks()) {
            if (task.state() == TaskState.FAILED) {
                System.err.println("moco: " + task.task().name() + ": " + Printable.line(task.reason()));
            }
        }
    }
}
