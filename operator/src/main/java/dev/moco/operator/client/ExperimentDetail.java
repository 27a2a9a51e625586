package dev.moco.operator.client;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.operator.api.ConditionStatus;
import dev.moco.operator.api.ConditionType;
import dev.moco.operator.api.MoCoExperimentStatus.Condition;
import dev.moco.operator.plan.TaskState;
import dev.moco.operator.report.TextTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Details of one experiment: headline, notices, one line for each stage, results. */
public final class ExperimentDetail {
    private static final List<String> COLUMNS =
            List.of("STAGE", "STATE", "PROGRESS", "ETA", "IMG/S", "DATA", "LOSS", "TIME", "WHY");

    private static final List<String> WIDE =
            List.of("STAGE", "STATE", "PROGRESS", "ETA", "IMG/S", "DATA", "LOSS", "TIME", "KEY", "POD", "WHY");

    /** Conditions that are shown as notices, each with the status in which it is shown. */
    private static final Map<String, String> NOTICES = Map.of(
            ConditionType.STALLED, ConditionStatus.TRUE,
            ConditionType.STORAGE_REACHABLE, ConditionStatus.FALSE,
            ConditionType.DATA_LOADER_BOUND, ConditionStatus.TRUE);

    private ExperimentDetail() {}

    /**
     * Renders an experiment.
     *
     * @param wide true adds keys and pods
     */
    public static Frame of(ExperimentView experiment, boolean wide, Instant now) {
        List<String> above = new ArrayList<>(List.of(headline(experiment)));
        above.addAll(notices(experiment));
        List<List<String>> rows =
                experiment.stages().stream().map(stage -> row(stage, wide, now)).toList();
        if (!rows.isEmpty()) {
            above.add("");
        }
        return new Frame(above, new TextTable(wide ? WIDE : COLUMNS, rows), Set.of("TIME"), below(experiment));
    }

    private static List<String> row(StageView stage, boolean wide, Instant now) {
        String wait = stage.metric("dataWaitPercent");
        List<String> row = new ArrayList<>(List.of(
                stage.name(),
                stage.state(),
                stage.progress(),
                stage.eta(),
                stage.metric("imagesPerSecond"),
                wait.isEmpty() ? "" : wait.replace("%", "") + "%",
                stage.metric("loss"),
                stage.time(now)));
        if (wide) {
            row.addAll(List.of(stage.key(), stage.pod().isEmpty() ? stage.job() : stage.pod()));
        }
        row.add(stage.why());
        return row;
    }

    private static String headline(ExperimentView experiment) {
        String name =
                experiment.name() + (experiment.namespace().isEmpty() ? "" : " in " + experiment.namespace()) + ": ";
        return switch (experiment.state()) {
            case NEW -> name + "no operator has reconciled it yet; is one running for this namespace?";
            case SUCCEEDED -> name + "succeeded" + took(experiment);
            case FAILED -> name + "failed" + took(experiment);
            case CANCELED -> name + "canceled";
            case SUSPENDED -> name + "suspended" + done(experiment);
            case STALLED -> name + "stalled" + done(experiment);
            case RUNNING -> name + "running" + done(experiment);
        };
    }

    /** Number of committed stages; their progress is in a line for each. */
    private static String done(ExperimentView experiment) {
        List<StageView> stages = experiment.stages();
        long done = stages.stream()
                .filter(stage -> TaskState.SUCCEEDED.is(stage.state()))
                .count();
        return stages.isEmpty() ? "" : ", " + done + " of " + stages.size() + " stages done";
    }

    private static String took(ExperimentView experiment) {
        Optional<Instant> start = ExperimentView.time(experiment.status(), "startTime");
        Optional<Instant> end = ExperimentView.time(experiment.status(), "completionTime");
        String hours = experiment.summary("gpuHours");
        return start.flatMap(from -> end.map(to -> " after " + Age.of(Duration.between(from, to))))
                        .orElse("")
                + (hours.isEmpty() ? "" : ", " + hours + " GPU-hours");
    }

    private static List<String> notices(ExperimentView experiment) {
        return NOTICES.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .flatMap(
                        notice -> experiment
                                .condition(notice.getKey())
                                .filter(condition -> condition.status().equals(notice.getValue()))
                                .stream())
                .map(ExperimentDetail::notice)
                .toList();
    }

    private static String notice(Condition condition) {
        return condition.type() + " " + condition.status() + ": "
                + Stream.of(condition.reason(), condition.message())
                        .filter(text -> !text.isEmpty())
                        .collect(Collectors.joining(": "));
    }

    private static List<String> below(ExperimentView experiment) {
        List<String> below = new ArrayList<>();
        List<String> results = results(experiment);
        if (!results.isEmpty()) {
            below.add("");
            below.addAll(results);
        }
        experiment
                .condition(ConditionType.REPRODUCED)
                .filter(condition -> !condition.status().equals(ConditionStatus.UNKNOWN))
                .ifPresent(condition -> below.add(notice(condition)));
        String report = experiment.status().path("reportUri").asText("");
        if (!report.isEmpty()) {
            below.add("Report: " + report);
        }
        return below;
    }

    /** Metrics so far beside the untrained encoder's and the paper's, with a header; empty before the first. */
    public static List<String> results(ExperimentView experiment) {
        List<List<String>> rows = new ArrayList<>();
        for (JsonNode result : experiment.status().path("results")) {
            rows.add(Stream.of("metric", "value", "untrained", "gain", "paper", "difference")
                    .map(field -> result.path(field).asText(""))
                    .toList());
        }
        return rows.isEmpty()
                ? List.of()
                : new TextTable(List.of("RESULT, %", "THIS RUN", "UNTRAINED", "GAIN", "PAPER", "DIFFERENCE"), rows)
                        .lines();
    }
}
