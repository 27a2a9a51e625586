package dev.moco.operator.cli;

import dev.moco.contract.local.Program;

/** The terminal of standard output, as the launcher has found it. */
final class Terminal {
    /** Width of text without a terminal. */
    static final int USUAL_COLUMNS = 80;

    private Terminal() {}

    /** True if standard output is a terminal that can be redrawn. */
    static boolean isThere() {
        return Boolean.getBoolean("moco.terminal");
    }

    /** Its height; 0 if unknown. */
    static int rows() {
        return Integer.getInteger("moco.rows", 0);
    }

    /** Its width; 0 without a terminal. */
    static int columns() {
        int columns = Integer.getInteger(Program.COLUMNS, 0);
        return !isThere() ? 0 : columns > 0 ? columns : USUAL_COLUMNS;
    }
}
