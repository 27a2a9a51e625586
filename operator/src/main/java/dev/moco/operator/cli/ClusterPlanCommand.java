package dev.moco.operator.cli;

import dev.moco.contract.Experiment;
import dev.moco.contract.MemoryNeed;
import dev.moco.contract.Printable;
import dev.moco.operator.client.ClusterPlan;
import dev.moco.operator.client.StoreChoice;
import dev.moco.operator.client.Target;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.MemoryEstimate;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.TextTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** {@code moco plan -f}, separate from the plan for this machine, which loads no class of the Kubernetes client. */
final class ClusterPlanCommand {
    private ClusterPlanCommand() {}

    static int call(Target target, Path file, @Nullable Path dataRoot, StoreChoice store, PlanCommand.PlanFormat format)
            throws IOException {
        ClusterPlan plan = ClusterPlan.of(target, file, dataRoot, store);
        List<PlanLine> lines =
                plan.decision().tasks().stream().map(task -> line(plan, task)).toList();
        if (format != PlanCommand.PlanFormat.text) {
            PlanCommand.printDocument(plan.reading().experiment(), lines, null, format);
        } else {
            print(lines);
            PlanCommand.printPretrain(plan.reading().experiment());
            plan.notes().forEach(note -> System.out.println(Printable.line(note)));
        }
        check(plan.decision(), plan.reading().experiment(), plan.reading().policy());
        return plan.decision().exitCode();
    }

    private static PlanLine line(ClusterPlan plan, PlannedTask task) {
        String elsewhere = plan.runningElsewhere().get(task.task().name());
        return PlanLine.of(
                task,
                plan.decision(),
                elsewhere == null ? PlanLine.display(task.state()) : "Joins",
                elsewhere == null ? plan.reason(task) : elsewhere,
                PlanLine.left(task)
                        .map(config -> MemoryEstimate.of(
                                task,
                                plan.decision(),
                                plan.reading().experiment(),
                                plan.reading().policy()))
                        .orElse(null),
                OptionalDouble.empty(),
                0);
    }

    private static void print(List<PlanLine> lines) {
        new TextTable(
                        List.of("STAGE", "STATE", "KEY", "MEMORY", "GPU MEM", "STEPS", "WHY"),
                        lines.stream()
                                .map(line -> List.of(
                                        line.name(),
                                        line.state(),
                                        line.key() == null ? "-" : line.key().substring(0, 12),
                                        PlanLine.mib(line.memoryMib()),
                                        PlanLine.mib(line.gpuMemoryMib()),
                                        line.steps() == null
                                                ? "-"
                                                : line.steps().toString(),
                                        line.reason()))
                                .toList())
                .lines()
                .forEach(System.out::println);
    }

    /** Checks that every stage that is left to do fits into the memory that the file gives it. */
    private static void check(Decision decision, Experiment experiment, Policy policy) {
        for (PlannedTask task : decision.tasks()) {
            if (task.state() != TaskState.SUCCEEDED && task.config().isPresent()) {
                Policy.Resource resource = policy.resources().of(task.task().stage());
                resource.memory()
                        .ifPresent(memory -> MemoryNeed.check(
                                task.task().name(),
                                task.config().get(),
                                MemoryEstimate.setting(task, decision, experiment, policy),
                                ClusterPlan.mebibytes(memory),
                                OptionalLong.empty()));
            }
        }
    }
}
