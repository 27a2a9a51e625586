package dev.moco.contract;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    private static final String HOSTILE =
            "not\u001b[2J\u009b31m there\r\n2026-01-01 INFO all is well\n\u202egnp.exe\u2028end";

    @Test
    void aLineHasNoBreakAndNoEscape() {
        assertThat(Printable.line(HOSTILE)).isEqualTo("not?[2J?31m there; 2026-01-01 INFO all is well; ?gnp.exe; end");
    }

    @Test
    void problemsAreListedInOneLine() {
        assertThat(Printable.line("2 problems:\n  a is wrong\n  b is wrong\n"))
                .isEqualTo("2 problems: a is wrong; b is wrong");
    }

    @Test
    void linesStayWithoutEscapes() {
        assertThat(Printable.lines(HOSTILE)).isEqualTo("not?[2J?31m there\n2026-01-01 INFO all is well\n?gnp.exe?end");
    }

    @Test
    void furtherLinesOfAMessageAreIndented() {
        assertThat(Printable.message("no bucket\nmoco: all is well\n  and more"))
                .isEqualTo("no bucket\n  moco: all is well\n  and more");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "top-1 67.5", "a\tb", "é 😀 57.0±0.2 …"})
    void printableTextStaysAsItIs(String text) {
        assertThat(Printable.line(text)).isEqualTo(text);
        assertThat(Printable.message(text)).isEqualTo(text);
    }
}
