package dev.moco.operator.report;

/** Position of a number within or outside the published spread. */
public enum Significance {
    /** Nothing to compare with, or no spread was published. */
    NONE(""),
    WITHIN("within"),
    OUTSIDE("outside");

    private final String text;

    Significance(String text) {
        this.text = text;
    }

    /** For a table. */
    public String text() {
        return text;
    }
}
