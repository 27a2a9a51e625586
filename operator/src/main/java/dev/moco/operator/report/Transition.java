package dev.moco.operator.report;

/**
 * Something that happened between two statuses, worth an event.
 *
 * @param type {@code Normal} or {@code Warning}
 * @param reason in CamelCase, such as {@code StageStarted}
 * @param stage task; empty if it concerns the experiment
 * @param message for a person
 */
public record Transition(String type, String reason, String stage, String message) {
    static Transition normal(String reason, String stage, String message) {
        return new Transition("Normal", reason, stage, message);
    }

    static Transition warning(String reason, String stage, String message) {
        return new Transition("Warning", reason, stage, message);
    }
}
