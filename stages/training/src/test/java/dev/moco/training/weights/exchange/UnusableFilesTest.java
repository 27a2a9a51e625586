package dev.moco.training.weights.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that follow the rules of their format, but hold no encoder that can be used: what is wrong is named. */
class UnusableFilesTest {
    static Stream<Arguments> files() {
        return WeightFiles.entries(WeightFiles.expected().get("unusable"))
                .map(file ->
                        Arguments.of(file.get("file").asText(), file.get("why").asText(), file));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("files")
    void theReasonIsNamed(String name, String why, JsonNode expected) {
        Path file = WeightFiles.folder().resolve(name);

        assertThatThrownBy(() -> WeightFiles.read(file))
                .as(why)
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageContaining(name)
                .hasMessageContainingAll(WeightFiles.entries(expected.get("message_names"))
                        .map(JsonNode::asText)
                        .toArray(String[]::new))
                .message()
                .hasLineCount(1);
    }
}
