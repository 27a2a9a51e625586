package dev.moco.operator.report.page;

import dev.moco.operator.report.page.Page.Fact;
import dev.moco.operator.report.page.Page.Strip;
import dev.moco.operator.report.page.Page.Table;
import dev.moco.operator.report.page.Page.Tile;
import java.util.List;
import java.util.Optional;

/** A part of a section, of one kind; the others are empty. */
public record Block(
        String text,
        List<Tile> tiles,
        List<Fact> facts,
        List<Table> tables,
        List<Chart> charts,
        List<Strip> strips,
        List<AnnotatedImage> scenes) {
    private static final Block NONE = new Block("", List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

    public Block {
        tiles = List.copyOf(tiles);
        facts = List.copyOf(facts);
        tables = List.copyOf(tables);
        charts = List.copyOf(charts);
        strips = List.copyOf(strips);
        scenes = List.copyOf(scenes);
    }

    // Mustache repeats a section for each element, so what stands once around them asks here.

    public boolean hasTiles() {
        return !tiles.isEmpty();
    }

    public boolean hasFacts() {
        return !facts.isEmpty();
    }

    public boolean hasCharts() {
        return !charts.isEmpty();
    }

    public boolean hasStrips() {
        return !strips.isEmpty();
    }

    public boolean hasScenes() {
        return !scenes.isEmpty();
    }

    boolean isEmpty() {
        return equals(NONE);
    }

    public static Block text(String text) {
        return new Block(text, List.of(), List.of(), List.of(), List.of(), List.of(), List.of());
    }

    public static Block tiles(List<Tile> tiles) {
        return new Block("", tiles, List.of(), List.of(), List.of(), List.of(), List.of());
    }

    public static Block facts(List<Fact> facts) {
        return new Block("", List.of(), facts, List.of(), List.of(), List.of(), List.of());
    }

    /** A table; no block without rows. */
    public static Block table(Table table) {
        List<Table> tables = table.rows().isEmpty() ? List.of() : List.of(table);
        return new Block("", List.of(), List.of(), tables, List.of(), List.of(), List.of());
    }

    /** Those of some charts that have something to draw. */
    @SafeVarargs
    @SuppressWarnings("varargs") // List.of copies
    public static Block charts(Optional<Chart>... charts) {
        return charts(List.of(charts).stream().flatMap(Optional::stream).toList());
    }

    public static Block charts(List<Chart> charts) {
        return new Block("", List.of(), List.of(), List.of(), charts, List.of(), List.of());
    }

    public static Block strips(List<Strip> strips) {
        return new Block("", List.of(), List.of(), List.of(), List.of(), strips, List.of());
    }

    public static Block scenes(List<AnnotatedImage> scenes) {
        return new Block("", List.of(), List.of(), List.of(), List.of(), List.of(), scenes);
    }
}
