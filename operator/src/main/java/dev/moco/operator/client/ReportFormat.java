package dev.moco.operator.client;

/** Formats of a report on standard output, by their names on the command line. */
public enum ReportFormat {
    text,
    md,
    html,
    json,
    yaml
}
