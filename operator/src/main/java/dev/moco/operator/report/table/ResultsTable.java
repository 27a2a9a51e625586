package dev.moco.operator.report.table;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.moco.operator.report.Significance;
import dev.moco.operator.report.Spread;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of the paper in its layout, with our numbers beside the paper's.
 *
 * @param title title
 * @param keys columns that say which experiment a row is
 * @param columns columns of numbers, each with its unit
 * @param rows rows in the paper's order
 * @param missing cells without a number of ours, and what they would cost
 * @param notes experiments that are in no cell, with the reason, and what the numbers are of
 * @param plotted true if the numbers are a function of the first key, which is a number
 */
public record ResultsTable(
        String title,
        List<String> keys,
        List<String> columns,
        List<Row> rows,
        List<Missing> missing,
        List<String> notes,
        boolean plotted) {
    public ResultsTable {
        keys = List.copyOf(keys);
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        missing = List.copyOf(missing);
        notes = List.copyOf(notes);
    }

    /** A row: as many keys and cells as the table has columns of them. */
    public record Row(List<String> keys, List<Cell> cells) {
        public Row {
            keys = List.copyOf(keys);
            cells = List.copyOf(cells);
        }
    }

    /**
     * A number.
     *
     * @param ours mean over trials, or over seeds where there are several; null if it is missing
     * @param paper the paper's; null where it has none
     * @param significance whether ours is within the published spread
     * @param mark {@code ~} if ours is projected from a part of the work, {@code ≤} if it is a bound; else empty
     */
    public record Cell(@Nullable Spread ours, @Nullable Double paper, Significance significance, String mark) {
        /** {@code 67.4±0.1}, {@code ~53.0} if it is projected; empty if it is missing. */
        public String oursText() {
            return ours == null ? "" : mark + ours.text();
        }

        /** Empty where the paper has none. */
        public String paperText() {
            return paper == null ? "" : Spread.one(paper);
        }

        /** Ours minus the paper's; null without one of them. */
        @JsonProperty("difference")
        public @Nullable Double difference() {
            return ours == null || paper == null ? null : (Double) (ours.mean() - paper);
        }

        /** Difference of what is shown, with its sign; empty without one. */
        public String differenceText() {
            return ours == null || paper == null ? "" : Spread.difference(ours.mean(), paper);
        }

        /** Number of trials or seeds; empty if it is missing. */
        public String countText() {
            return ours == null ? "" : Integer.toString(ours.count());
        }
    }

    /**
     * Missing cells of a row.
     *
     * @param row row
     * @param columns columns of the cells
     * @param hours hours that they would take; null if unknown
     * @param source where the hours are from
     */
    public record Missing(
            String row, List<String> columns, @Nullable Double hours, String source) {
        public Missing {
            columns = List.copyOf(columns);
        }

        /** A sentence. */
        public String text() {
            return row + ": " + String.join(", ", columns) + ": " + (hours == null ? "" : Spread.one(hours) + " ")
                    + source;
        }
    }
}
