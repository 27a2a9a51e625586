package dev.moco.training.collectives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationTest {
    private static final String SECRET = Credential.draw().text();

    private static Hello hello(String pod) {
        return new Hello(pod, "10.0.0." + pod.charAt(1), 4000 + pod.charAt(0), 2);
    }

    private static Node node(int index, String pod) {
        return new Node(index, 2, "10.0.0.9", pod, "job");
    }

    /** Pods are a letter for the node and a number for the restart. */
    @ParameterizedTest(name = "hellos of {0}, before {1}: missing {2}")
    @CsvSource({
        "'', , '0 1 2'",
        "a1, , '1 2'",
        "a1 c1, , 1",
        "a1 b1 c1, ,",
        // Pod b1 was lost: all of its generation end, and none of them is in the next.
        "a1 b1 c1, a1 b1 c1, '0 1 2'",
        "a2 b1 c1, a1 b1 c1, '1 2'",
        "a2 b2 c1, a1 b1 c1, 2",
        "a2 b2 c2, a1 b1 c1,",
        // Pod b2 came and was lost before there was a generation: its successor's hello replaced its own.
        "a2 b3 c2, a1 b1 c1,"
    })
    void aGenerationIsOfPodsThatWereInNoneBefore(String hellos, @Nullable String before, @Nullable String missing) {
        Map<Integer, Hello> byIndex = new HashMap<>();
        pods(hellos).forEach(hello -> byIndex.put(hello.pod().charAt(0) - 'a', hello));
        Optional<Generation> last = Optional.ofNullable(before).map(pods -> new Generation(pods(pods), SECRET));
        assertThat(Generation.missing(3, byIndex, last).stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(" ")))
                .isEqualTo(missing == null ? "" : missing);
    }

    private static List<Hello> pods(String names) {
        return names.isEmpty()
                ? List.of()
                : Arrays.stream(names.split(" ", -1)).map(GenerationTest::hello).toList();
    }

    @Test
    void eachPodConnectsToTheOneAfterIt() {
        Generation generation = Generation.of(pods("a1 b2"), SECRET);
        assertThat(generation.after(node(0, "a1"))).contains(new Next("10.0.0.2", 4000 + 'b', SECRET));
        assertThat(generation.after(node(1, "b2"))).contains(new Next("10.0.0.1", 4000 + 'a', SECRET));
    }

    @Test
    void aPodOfAnotherGenerationWaits() {
        Generation generation = Generation.of(pods("a1 b2"), SECRET);
        assertThat(generation.after(node(0, "a2"))).isEmpty();
        assertThat(generation.after(node(1, "a1"))).isEmpty();
        assertThat(generation.after(new Node(0, 3, "10.0.0.9", "a1", "job"))).isEmpty();
    }

    @Test
    void allPodsHaveAsManyDevices() {
        assertThatThrownBy(() ->
                        Generation.of(List.of(hello("a1"), hello("b1"), new Hello("c1", "10.0.0.3", 4003, 1)), SECRET))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_CONFIG))
                .hasMessage("all pods of a stage must have as many devices, found 2 on node 0 and 1 on node 2");
    }

    @Test
    void whatIsNoHelloIsRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Hello("a1", "evil.example", 4000, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Hello("a1", "10.0.0.1", 0, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new Hello("a1", "10.0.0.1", 4000, 65));
        assertThatIllegalArgumentException().isThrownBy(() -> new Generation(pods("a1 b1"), "00"));
    }
}
