package dev.moco.operator.client;

/** Formats of a table on standard output, by their names on the command line. */
public enum TableFormat {
    text,
    markdown,
    csv,
    latex,
    json,
    html
}
