package dev.moco.operator.report.page;

import java.util.List;

/**
 * A page, whose parts the template {@code report.html} refers to by name.
 *
 * @param title name of what is reported
 * @param lead first paragraph
 * @param problems why something failed
 * @param sections sections; empty ones are not shown
 */
public record Page(String title, String lead, List<Problem> problems, List<Section> sections) {
    public Page {
        problems = List.copyOf(problems);
        sections =
                sections.stream().filter(section -> !section.blocks().isEmpty()).toList();
    }

    /** A failure. */
    public record Problem(String what, String reason) {}

    /** Blocks under a heading. */
    public record Section(String heading, List<Block> blocks) {
        public Section {
            blocks = blocks.stream().filter(block -> !block.isEmpty()).toList();
        }
    }

    /** A big number with what it is. */
    public record Tile(String label, String number, String note) {}

    /** A name with its value, and the value that it is compared with, where that is another. */
    public record Fact(String name, String value, String other) {
        private static final int LONG = 40;

        public Fact(String name, String value) {
            this(name, value, "");
        }

        /** True if it needs a line of its own. */
        public boolean isLong() {
            return name.length() + value.length() + other.length() > LONG;
        }
    }

    /**
     * A table.
     *
     * @param caption what it has
     * @param columns heads of the columns
     * @param rows rows
     */
    public record Table(String caption, List<String> columns, List<TableRow> rows) {
        public Table {
            columns = List.copyOf(columns);
            rows = List.copyOf(rows);
        }
    }

    /** A row with its head. */
    public record TableRow(String name, List<TableCell> cells) {
        public TableRow {
            cells = List.copyOf(cells);
        }

        /** A row of texts. */
        public static TableRow of(String name, List<String> texts) {
            return new TableRow(name, texts.stream().map(TableCell::of).toList());
        }
    }

    /**
     * A cell.
     *
     * @param text its text
     * @param kind {@code differs}, {@code right}, {@code wrong}; else empty
     * @param strength how strongly it is colored, from 0.00 to 1.00; else empty
     * @param note small text below it; else empty
     */
    public record TableCell(String text, String kind, String strength, String note) {
        public TableCell(String text, String kind, String strength) {
            this(text, kind, strength, "");
        }

        public static TableCell of(String text) {
            return new TableCell(text, "", "");
        }

        public boolean isMarked() {
            return !kind.isEmpty();
        }
    }

    /**
     * A small picture in a strip.
     *
     * @param alt what it shows
     * @param type such as {@code image/jpeg}
     * @param base64 its bytes
     * @param label text below it
     * @param note second text below it
     */
    public record Thumb(String alt, String type, String base64, String label, String note) {}

    /** Pictures beside each other. */
    public record Strip(String caption, List<Thumb> thumbs) {
        public Strip {
            thumbs = List.copyOf(thumbs);
        }
    }
}
