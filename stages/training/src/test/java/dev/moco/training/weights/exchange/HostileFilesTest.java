package dev.moco.training.weights.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.management.ThreadMXBean;
import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import dev.moco.training.weights.input.RefusedException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Hostile files are refused with their reason; nothing runs, and little memory is taken. */
class HostileFilesTest {
    /** Bytes that all work on a file may allocate, freed or not. */
    static final long MEMORY = 64 << 20;

    private static final Path CANARY = Path.of("moco_pickle_was_executed");

    /** Words of the reader of safetensors for each reason. */
    private static final Map<String, List<String>> SAFETENSORS = Map.of(
            "length", List.of("its header must have 1 to"),
            "bounds",
                    List.of(
                            "must start at offset",
                            "data_offsets must be",
                            "shape must have whole numbers from 0 to 2147483647",
                            "at most",
                            "is truncated or too long"),
            "duplicate", List.of("Duplicate field"),
            "dtype", List.of("dtype must be one of"),
            "number", List.of("must have whole numbers"),
            "format", List.of("must start with '{'", "must be an object", "must be JSON"),
            "trailing", List.of("is truncated or too long"));

    static Stream<Arguments> files() {
        return WeightFiles.entries(WeightFiles.hostile().get("files"))
                .map(file ->
                        Arguments.of(file.get("file").asText(), file.get("why").asText(), file));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("files")
    void theReasonIsNamed(String name, String why, JsonNode expected) {
        Path file = WeightFiles.folder().resolve("hostile").resolve(name);

        Throwable refusal = catchThrowable(() -> WeightFiles.read(file));

        assertThat(refusal)
                .as(why)
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA));
        String message = String.valueOf(refusal.getMessage());
        assertThat(message).contains(name).hasLineCount(1);
        String kind = expected.get("kind").asText();
        if (refusal.getCause() instanceof RefusedException refused) {
            assertThat(refused.reason().id()).as(message).isEqualTo(kind);
        } else {
            assertThat(SAFETENSORS.get(kind)).as(message).anyMatch(message::contains);
        }
        for (JsonNode word : expected.get("message_names")) {
            assertThat(message).contains(word.asText());
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("files")
    void littleMemoryIsTaken(String name, String why, JsonNode expected) {
        Path file = WeightFiles.folder().resolve("hostile").resolve(name);

        long allocated = allocated(() -> assertThatThrownBy(() -> WeightFiles.read(file)));

        assertThat(allocated).as(why).isLessThan(MEMORY);
    }

    /** Bytes that this thread allocates in a run. */
    static long allocated(Runnable run) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        run.run();
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @AfterEach
    void nothingRan() throws IOException {
        assertThat(CANARY).doesNotExist();
        assertThat(Files.exists(Path.of("/tmp").resolve(CANARY))).isFalse();
    }
}
