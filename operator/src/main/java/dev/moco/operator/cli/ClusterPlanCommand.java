package dev.moco.operator.cli;

import dev.moco.contract.MemoryNeed;
import dev.moco.contract.Printable;
import dev.moco.contract.StageConfig;
import dev.moco.operator.client.ClusterPlan;
import dev.moco.operator.client.StoreChoice;
import dev.moco.operator.client.Target;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.Policy;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.TextTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/** {@code moco plan -f}, separate from the plan for this machine, which loads no class of the Kubernetes client. */
final class ClusterPlanCommand {
    private ClusterPlanCommand() {}

    static int call(Target target, Path file, @Nullable Path dataRoot, StoreChoice store, boolean json)
            throws IOException {
        ClusterPlan plan = ClusterPlan.of(target, file, dataRoot, store);
        List<PlanLine> lines =
                plan.decision().tasks().stream().map(task -> line(plan, task)).toList();
        if (json) {
            PlanCommand.printJson(plan.reading().experiment().name(), lines);
        } else {
            print(lines);
            plan.notes().forEach(note -> System.out.println(Printable.line(note)));
        }
        check(plan.decision(), plan.reading().policy());
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
                        .map(config -> need(config, plan.reading().policy()))
                        .orElse(null),
                OptionalDouble.empty());
    }

    private static long need(StageConfig config, Policy policy) {
        return MemoryNeed.mib(config, policy.resources().of(config.stage()).cpu());
    }

    private static void print(List<PlanLine> lines) {
        new TextTable(
                        List.of("STAGE", "STATE", "KEY", "MEMORY", "STEPS", "WHY"),
                        lines.stream()
                                .map(line -> List.of(
                                        line.name(),
                                        line.state(),
                                        line.key() == null ? "-" : line.key().substring(0, 12),
                                        line.memoryMib() == null ? "-" : line.memoryMib() + "M",
                                        line.steps() == null
                                                ? "-"
                                                : line.steps().toString(),
                                        line.reason()))
                                .toList())
                .lines()
                .forEach(System.out::println);
    }

    /** Checks that every stage that is left to do fits into the memory that the file gives it. */
    private static void check(Decision decision, Policy policy) {
        for (PlannedTask task : decision.tasks()) {
            if (task.state() != TaskState.SUCCEEDED && task.config().isPresent()) {
                Policy.Resource resource = policy.resources().of(task.task().stage());
                resource.memory()
                        .ifPresent(memory -> MemoryNeed.check(
                                task.task().name(),
                                task.config().get(),
                                resource.cpu(),
                                ClusterPlan.mebibytes(memory)));
            }
        }
    }
}
