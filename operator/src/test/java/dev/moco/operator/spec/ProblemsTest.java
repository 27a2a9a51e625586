package dev.moco.operator.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A message is bounded, whatever a spec has in it. */
class ProblemsTest {
    private static final List<String> KNOWN = List.of("epochs", "ranks");

    private final Problems problems = new Problems();

    @Test
    void theFirstProblemsAreShownAndTheOthersCounted() {
        problems.unknown(
                "spec", IntStream.range(0, 60_000).mapToObj(i -> "field" + i).toList(), KNOWN);
        assertThat(problems.text().lines()).hasSize(1 + 50 + 1);
        assertThat(problems.text())
                .startsWith("60000 problems:\n  spec.field0 is not a field; nearest is \"")
                .contains("\n  spec.field49 is not a field")
                .endsWith("\n  and 59950 more");
    }

    @Test
    void aLongNameIsCutAndComparedWithNoOther() {
        problems.unknown("spec", List.of("a".repeat(100_000)), KNOWN);
        assertThat(problems.text())
                .isEqualTo("1 problem:\n  spec." + "a".repeat(115) + "… is not a field; known are: epochs, ranks");
    }

    @Test
    void aLongKeyIsCut() {
        problems.wrong("spec.scheduling.nodeSelector." + "a".repeat(100_000), "must be a text", 5);
        assertThat(problems.text())
                .isEqualTo(
                        "1 problem:\n  spec.scheduling.nodeSelector." + "a".repeat(91) + "… must be a text, found 5");
    }

    @Test
    void aLongValueIsCut() {
        problems.wrong("spec.a", "must be short", "b".repeat(100_000));
        problems.broken("spec.c", "must be short", "d".repeat(100_000));
        assertThat(problems.text())
                .isEqualTo("2 problems:\n  spec.a must be short, found \"" + "b".repeat(79)
                        + "…\n  spec.c must be short, found " + "d".repeat(80) + "…");
    }

    /** Jackson could not write half a character to the status. */
    @Test
    void aValueIsNotCutWithinACharacter() {
        problems.broken("spec.a", "must be short", "b".repeat(79) + "🚀");
        assertThat(problems.text()).isEqualTo("1 problem:\n  spec.a must be short, found " + "b".repeat(79) + "…");
    }

    @Test
    void whatARefusedObjectOrListHasIsWrongToo() {
        problems.wrong("spec.a", "must be an object", 5);
        problems.exclude("spec.b");
        assertThat(problems.isWrong("spec.a.c")).isTrue();
        assertThat(problems.isWrong("spec.b[1].c")).isTrue();
        assertThat(problems.isWrong("spec")).isFalse();
        assertThat(problems.isWrong("spec.ab")).isFalse();
    }
}
