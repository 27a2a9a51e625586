package dev.moco.operator.report;

/** Position of a number within or outside the published spread. */
public enum Significance {
    /** Nothing to compare with, or no spread was published. */
    NONE("", ""),
    WITHIN("within", "right"),
    OUTSIDE("outside", "wrong");

    private final String text;
    private final String kind;

    Significance(String text, String kind) {
        this.text = text;
        this.kind = kind;
    }

    /** For a table. */
    public String text() {
        return text;
    }

    /** Kind of a cell of a page that shows it. */
    public String kind() {
        return kind;
    }
}
