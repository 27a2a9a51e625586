package dev.moco.training.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * Damages a file of a checkpoint, then asserts that reading the checkpoint fails as bad data.
 *
 * @param folder folder of the checkpoint
 * @param read reads the checkpoint
 */
public record DamagedCheckpoint(Path folder, ThrowingCallable read) {
    /** Texts that are no metrics of a run. */
    public static List<String> noMetrics() {
        return List.of("", "{", "null", "[]", "{}", "{\"epoch\":null}", "\0");
    }

    /** Lengths of files of metrics that are not read. */
    public static List<Integer> hugeMetrics() {
        return List.of(65537, 1 << 20);
    }

    public void assertLengthIsRefused(String file, int bytes) throws IOException {
        Files.write(folder.resolve(file), new byte[bytes]);
        assertBadData("found " + bytes + " bytes");
    }

    public void assertMissingFileIsRefused(String file) throws IOException {
        Files.delete(folder.resolve(file));
        assertBadData("is missing");
    }

    public void assertMetricsAreRefused(String json, Class<?> type) throws IOException {
        Files.writeString(folder.resolve(CheckpointFolder.METRICS), json);
        assertBadData("metrics.json is not a " + type.getSimpleName());
    }

    public void assertHugeMetricsAreRefused(int bytes) throws IOException {
        Files.write(folder.resolve(CheckpointFolder.METRICS), new byte[bytes]);
        assertBadData("metrics.json must have at most 65536 bytes, found " + bytes);
    }

    private void assertBadData(String message) {
        assertThatThrownBy(read)
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageContaining(message);
    }
}
