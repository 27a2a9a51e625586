package dev.moco.training.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatFileTest {
    @TempDir
    private Path folder;

    @ParameterizedTest(name = "{0} numbers")
    @ValueSource(ints = {0, 1, (1 << 18) + 1})
    void numbersComeBack(int count) throws IOException {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = i % 1000 == 0 ? Float.NaN : i;
        }
        Path file = folder.resolve("numbers.f32");

        FloatFile.write(file, values);

        assertThat(Files.size(file)).isEqualTo(4L * count);
        assertThat(FloatFile.read(file, count)).isEqualTo(values);
    }

    @ParameterizedTest(name = "{0} bytes")
    @ValueSource(ints = {0, 7, 9, 12})
    void anotherLengthIsBadData(int bytes) throws IOException {
        Path file = Files.write(folder.resolve("numbers.f32"), new byte[bytes]);

        assertBadData(file, 2, file + " must have 2 numbers in 8 bytes, found " + bytes + " bytes");
    }

    @Test
    void aMissingFileIsBadData() {
        Path file = folder.resolve("none.f32");

        assertBadData(file, 2, file + " is missing");
    }

    private static void assertBadData(Path file, int count, String message) {
        assertThatThrownBy(() -> FloatFile.read(file, count))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessage(message);
    }
}
