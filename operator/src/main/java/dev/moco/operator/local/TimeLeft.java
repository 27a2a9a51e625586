package dev.moco.operator.local;

import dev.moco.artifacts.StepTimes;
import dev.moco.contract.Progress;
import dev.moco.contract.StageConfig;
import dev.moco.operator.local.Capacity.Placed;
import dev.moco.operator.plan.Decision;
import dev.moco.operator.plan.Forecast;
import dev.moco.operator.plan.PlannedTask;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.StatusReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * State of all tasks of a plan, and the time they still take. Tasks that have not started take their steps times that of a step as measured here; they
 * start as the driver starts them, one after another or side by side.
 *
 * @param done number of tasks that have ended
 * @param tasks number of all tasks
 * @param passed seconds since the driver began
 * @param left seconds to the end, without unknown tasks
 * @param unknown tasks whose time is not known
 */
public record TimeLeft(int done, int tasks, double passed, double left, List<String> unknown) {
    public TimeLeft {
        unknown = List.copyOf(unknown);
    }

    /** True if the time of every task is known. */
    boolean isWhole() {
        return unknown.isEmpty();
    }

    /** Part of the time that has passed, 0 to 1. */
    double share() {
        return passed + left == 0 ? 1 : passed / (passed + left);
    }

    /** {@code 2 of 5 stages done, 12m05s left}. */
    String text() {
        String time =
                left == 0 && !isWhole() ? "time left not known yet" : StatusReport.eta(left) + " left" + without();
        return done + " of " + tasks + " stages done, " + time;
    }

    private String without() {
        return switch (unknown.size()) {
            case 0 -> "";
            case 1 -> ", without " + unknown.get(0);
            default -> ", without " + unknown.size() + " stages";
        };
    }

    /**
     * Estimates the time left.
     *
     * @param counted keys of tasks that count with other experiments, which need them too; those of this one are added
     * @param running newest progress of running tasks
     * @param passed seconds since the driver began
     */
    static TimeLeft of(
            Decision decision,
            Set<String> counted,
            Map<String, Progress> running,
            Capacity capacity,
            StepTimes times,
            double passed) {
        Map<String, Double> seconds = new HashMap<>();
        List<String> unknown = new ArrayList<>();
        int done = 0;
        int tasks = 0;
        for (PlannedTask task : decision.tasks()) {
            if (task.key().filter(key -> !counted.add(key)).isPresent()) {
                continue;
            }
            tasks++;
            if (task.state().terminal()) {
                done++;
            } else {
                Optional<Double> time =
                        seconds(task, decision, running.get(task.task().name()), capacity, times);
                if (time.isEmpty()) {
                    unknown.add(task.task().name());
                }
                seconds.put(task.task().name(), time.orElse(0.0));
            }
        }
        return new TimeLeft(done, tasks, passed, left(decision, seconds, capacity), unknown);
    }

    /** Of several experiments, one after another. */
    static TimeLeft sum(List<TimeLeft> all, double passed) {
        return new TimeLeft(
                all.stream().mapToInt(TimeLeft::done).sum(),
                all.stream().mapToInt(TimeLeft::tasks).sum(),
                passed,
                all.stream().mapToDouble(TimeLeft::left).sum(),
                all.stream().flatMap(each -> each.unknown().stream()).toList());
    }

    private static Optional<Double> seconds(
            PlannedTask task, Decision decision, @Nullable Progress progress, Capacity capacity, StepTimes times) {
        if (progress != null && progress.etaSeconds() != null) {
            return Optional.of(progress.etaSeconds());
        }
        OptionalLong steps = Forecast.steps(task, decision);
        if (task.config().isEmpty() || steps.isEmpty()) {
            return Optional.empty();
        }
        StageConfig config = task.config().get();
        OptionalDouble ofStep = times.seconds(config, capacity.threads(config));
        return ofStep.isEmpty() ? Optional.empty() : Optional.of(steps.getAsLong() * ofStep.getAsDouble());
    }

    /** Time of the last end, if every task starts as soon as its inputs are there and the machine has room. */
    private static double left(Decision decision, Map<String, Double> seconds, Capacity capacity) {
        Map<String, Double> ends = new HashMap<>();
        Map<String, Placed> placed = new HashMap<>();
        Set<String> waiting = new HashSet<>(seconds.keySet());
        double now = 0;
        while (true) {
            for (PlannedTask task : decision.tasks()) {
                String name = task.task().name();
                boolean ready = waiting.contains(name)
                        && task.task().inputs().values().stream()
                                .noneMatch(input -> waiting.contains(input) || placed.containsKey(input));
                if (ready) {
                    StageConfig config = task.config().orElse(task.task().config());
                    Optional<List<Integer>> gpus = task.state() == TaskState.RUNNING
                            ? Optional.of(List.of())
                            : capacity.place(config, placed.values());
                    if (gpus.isPresent()) {
                        placed.put(name, new Placed(config, gpus.get()));
                        ends.put(name, now + seconds.getOrDefault(name, 0.0));
                        waiting.remove(name);
                    }
                }
            }
            if (placed.isEmpty()) {
                return now;
            }
            String first = placed.keySet().stream()
                    .min((a, b) -> Double.compare(ends.getOrDefault(a, 0.0), ends.getOrDefault(b, 0.0)))
                    .orElseThrow();
            now = ends.getOrDefault(first, now);
            placed.remove(first);
        }
    }
}
