package dev.moco.training.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moco.contract.ExitCode;
import dev.moco.contract.StageFailure;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir
    private Path folder;

    @Test
    void tensorsComeBackInOrder() throws IOException {
        Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
        tensors.put("weight", new Safetensors.Tensor(List.of(2, 3), new float[] {1, 2, 3, 4, 5, -0f}));
        tensors.put("bias", new Safetensors.Tensor(List.of(), new float[] {Float.MIN_VALUE}));
        Path file = folder.resolve("weights.safetensors");

        Safetensors.write(file, tensors);

        Map<String, Safetensors.Tensor> found = Safetensors.read(file);
        assertThat(found).containsOnlyKeys("weight", "bias");
        assertThat(List.copyOf(found.keySet())).containsExactly("weight", "bias");
        assertThat(found).usingRecursiveComparison().isEqualTo(tensors);
    }

    @Test
    void theFileIsAsOtherReadersExpectIt() throws IOException {
        Path file = folder.resolve("one.safetensors");
        Safetensors.write(file, Map.of("a", new Safetensors.Tensor(List.of(1), new float[] {1})));

        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        ByteBuffer expected = ByteBuffer.allocate(8 + header.length() + 4).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(header.length())
                .put(header.getBytes(StandardCharsets.UTF_8))
                .putFloat(1);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
    }

    @Test
    void damagedFilesAreBadData() throws IOException {
        Path file = folder.resolve("cut.safetensors");
        Safetensors.write(file, Map.of("a", new Safetensors.Tensor(List.of(2), new float[] {1, 2})));
        byte[] whole = Files.readAllBytes(file);

        Files.write(file, Arrays.copyOf(whole, whole.length - 1));
        assertBadData(file, "cut off");
        Files.write(file, "not tensors at all".getBytes(StandardCharsets.UTF_8));
        assertBadData(file, "is not a safetensors file");
        Files.write(
                file,
                new String(whole, StandardCharsets.ISO_8859_1)
                        .replace("F32", "F16")
                        .getBytes(StandardCharsets.ISO_8859_1));
        assertBadData(file, "must be F32");
    }

    private static void assertBadData(Path file, String message) {
        assertThatThrownBy(() -> Safetensors.read(file))
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageContaining(message);
    }
}
