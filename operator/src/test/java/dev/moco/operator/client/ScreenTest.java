package dev.moco.operator.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moco.operator.report.TextTable;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ScreenTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    @Test
    void withoutATerminalOnlyChangesAreWritten() {
        Screen screen = new Screen(out, false, 0);
        screen.show(frame(List.of("a in b: running"), "pretrain,1%,5s", "linear,,"));
        assertThat(taken()).isEqualTo("""
                a in b: running
                STAGE      PROGRESS   TIME
                pretrain   1%         5s
                linear
                """);
        screen.show(frame(List.of("a in b: running"), "pretrain,1%,6s", "linear,,"));
        assertThat(taken()).as("a new time alone is not a change").isEmpty();
        screen.show(frame(List.of("a in b: running"), "pretrain,20%,9s", "linear,,"));
        assertThat(taken()).isEqualTo("pretrain   20%        9s\n");
        screen.show(frame(List.of("a in b: failed"), "pretrain,20%,9s", "linear,,"));
        assertThat(taken()).isEqualTo("a in b: failed\n");
    }

    @Test
    void theHeaderIsPrintedWithTheFirstRow() {
        Screen screen = new Screen(out, false, 0);
        screen.show(new Frame(List.of("none yet"), new TextTable(List.of("NAME"), List.of()), Set.of(), List.of()));
        screen.show(new Frame(
                List.of("none yet"), new TextTable(List.of("NAME"), List.of(List.of("x"))), Set.of(), List.of()));
        assertThat(taken()).isEqualTo("none yet\nNAME\nx\n");
    }

    @Test
    void aTerminalIsRedrawnInPlace() {
        Screen screen = new Screen(out, true, 24);
        screen.show(frame(List.of(), "pretrain,1%,5s"));
        assertThat(taken())
                .isEqualTo("\u001b[J\u001b[?7lSTAGE      PROGRESS   TIME\npretrain   1%         5s\n\u001b[?7h");
        screen.show(frame(List.of(), "pretrain,1%,5s"));
        assertThat(taken()).isEmpty();
        screen.show(frame(List.of(), "pretrain,2%,7s"));
        assertThat(taken())
                .isEqualTo(
                        "\u001b[2F\u001b[J\u001b[?7lSTAGE      PROGRESS   TIME\npretrain   2%         7s\n\u001b[?7h");
    }

    @Test
    void aClosedOutputIsDetected() {
        PrintStream closed = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        closed.close();
        assertThat(new Screen(closed, false, 0).show(frame(List.of(), "a,,"))).isFalse();
        assertThat(new Screen(out, false, 0).show(frame(List.of(), "a,,"))).isTrue();
    }

    @Test
    void linesThatDoNotFitAreCounted() {
        Screen screen = new Screen(out, true, 4);
        screen.show(frame(List.of(), "a,,", "b,,", "c,,"));
        assertThat(taken()).isEqualTo("\u001b[J\u001b[?7lSTAGE   PROGRESS   TIME\na\n… 2 more lines\n\u001b[?7h");
    }

    /** A frame whose rows have their cells separated by commas. */
    private static Frame frame(List<String> above, String... rows) {
        return new Frame(
                above,
                new TextTable(
                        List.of("STAGE", "PROGRESS", "TIME"),
                        Arrays.stream(rows)
                                .map(row -> List.of(row.split(",", -1)))
                                .toList()),
                Set.of("TIME"),
                List.of());
    }

    private String taken() {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        return text;
    }
}
