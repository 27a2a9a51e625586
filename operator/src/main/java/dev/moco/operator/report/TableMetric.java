package dev.moco.operator.report;

/** A number in a table of the paper. */
public enum TableMetric {
    TOP1("top-1, %"),
    AP50("AP50"),
    AP("AP"),
    AP75("AP75"),
    /** Largest memory of a GPU that live tensors take; the paper prints GB and does not say which. */
    MEMORY("memory/GPU, GiB"),
    /** Wall clock of 200 epochs. */
    HOURS("200 epochs, h");

    private final String column;

    TableMetric(String column) {
        this.column = column;
    }

    /** Head of its column, with the unit. */
    String column() {
        return column;
    }
}
