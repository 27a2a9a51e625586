package dev.moco.operator.cli;

import dev.moco.contract.Experiment;
import dev.moco.operator.local.LocalStore;
import dev.moco.operator.local.Observer;
import dev.moco.operator.local.WorkFolder;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.read.ExperimentFile;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code moco report}: the results so far, without running anything. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes the reports of what an experiment has so far.")
final class ReportCommand implements Callable<Integer> {
    @Mixin
    @SuppressWarnings("NullAway.Init") // set by picocli
    ExperimentOptions options;

    @Override
    public Integer call() throws Exception {
        Instant start = Instant.now();
        Experiment experiment = ExperimentFile.read(options.file);
        WorkFolder work = new WorkFolder(options.work);
        try (LocalStore store = LocalStore.open(work, options.store, experiment)) {
            Decision decision = new Observer(experiment, store.artifacts(), store.remote()).decide(Instant.now());
            RunCommand.report(experiment, work, store, decision, System.out, start);
            return decision.exitCode();
        }
    }
}
