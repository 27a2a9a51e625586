package dev.moco.training.weights;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

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
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
    private static final String A = "'a':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}";
    private static final String B = "'b':{'dtype':'F32','shape':[],'data_offsets':[8,12]}";

    @TempDir
    private Path folder;

    @Test
    void tensorsComeBackInOrder() throws IOException {
        Map<String, Safetensors.FloatTensor> tensors = new LinkedHashMap<>();
        tensors.put("weight", new Safetensors.FloatTensor(List.of(2, 3), new float[] {1, 2, 3, 4, 5, -0f}));
        tensors.put("bias", new Safetensors.FloatTensor(List.of(), new float[] {Float.MIN_VALUE}));
        Path file = folder.resolve("weights.safetensors");

        Safetensors.write(file, tensors);

        Map<String, Safetensors.FloatTensor> found = Safetensors.read(file);
        assertThat(found).containsOnlyKeys("weight", "bias");
        assertThat(List.copyOf(found.keySet())).containsExactly("weight", "bias");
        assertThat(found).usingRecursiveComparison().isEqualTo(tensors);
    }

    @Test
    void theFileIsAsOtherReadersExpectIt() throws IOException {
        Path file = folder.resolve("one.safetensors");
        Safetensors.write(file, Map.of("a", new Safetensors.FloatTensor(List.of(1), new float[] {1})));

        String header = "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}";
        ByteBuffer expected = ByteBuffer.allocate(8 + header.length() + 4).order(ByteOrder.LITTLE_ENDIAN);
        expected.putLong(header.length())
                .put(header.getBytes(StandardCharsets.UTF_8))
                .putFloat(1);
        assertThat(Files.readAllBytes(file)).isEqualTo(expected.array());
    }

    @Test
    void tensorsOfAnyLengthAndNumbersComeBack() throws IOException {
        float[] many = new float[(1 << 18) + 5]; // more than one chunk
        many[1 << 18] = Float.NaN;
        many[many.length - 1] = Float.NEGATIVE_INFINITY;
        Map<String, Safetensors.FloatTensor> tensors = new LinkedHashMap<>();
        tensors.put(
                "none", new Safetensors.FloatTensor(List.of(Integer.MAX_VALUE, 0, Integer.MAX_VALUE), new float[0]));
        tensors.put("many", new Safetensors.FloatTensor(List.of(many.length), many));
        Path file = folder.resolve("many.safetensors");

        Safetensors.write(file, tensors);

        Map<String, Safetensors.FloatTensor> found = Safetensors.read(file);
        assertThat(found).containsOnlyKeys("none", "many");
        found.forEach((name, tensor) -> {
            Safetensors.FloatTensor written = Objects.requireNonNull(tensors.get(name));
            assertThat(tensor.shape()).isEqualTo(written.shape());
            assertThat(tensor.values()).isEqualTo(written.values());
        });
    }

    @Test
    void theHeaderMayHaveMetadataPaddingAndAnyOrder() throws IOException {
        Path file = write(file("{'__metadata__':{'format':'pt'}," + B + "," + A + "}   ", 12));

        assertThat(List.copyOf(Safetensors.read(file).keySet())).containsExactly("b", "a");
    }

    static Stream<Arguments> damages() {
        byte[] good = file("{" + A + "," + B + "}", 12);
        return Stream.of(
                arguments("empty", new byte[0], "must have at least 8 bytes, found 0"),
                arguments("text", ascii("not tensors at all"), "its header must have 1 to 10 bytes, found 8"),
                arguments("no header", file("", 4), "must have 1 to 4 bytes, found 0"),
                arguments("header longer than the file", claimed(good, 1 << 30), "to " + (good.length - 8) + " bytes"),
                arguments("header of 2^64-1 bytes", claimed(good, -1), "found 18446744073709551615"),
                arguments("cut by a byte", Arrays.copyOf(good, good.length - 1), "is truncated or too long"),
                arguments("cut in the header", Arrays.copyOf(good, 40), "its header must have 1 to 32 bytes"),
                arguments("a byte too many", Arrays.copyOf(good, good.length + 1), "take 127 bytes, found 128"),
                arguments("array", file("[]", 0), "must start with '{', found byte 91"),
                arguments("space first", file(" {}", 0), "must start with '{', found byte 32"),
                arguments("unclosed", file("{" + A, 8), "must be JSON in UTF-8, found: \"Unexpected end-of-input"),
                arguments("closed too early", file("{}}", 0), "must be JSON in UTF-8"),
                arguments("two objects", file("{}{}", 0), "found: \"content after its end\""),
                arguments("garbage", file("{\1\2\3}", 0), "must be JSON in UTF-8"),
                arguments(
                        "not UTF-8",
                        file("{'\u00ff':1}", 0),
                        "must be JSON in UTF-8, found: \"bytes that are not UTF-8\""),
                arguments("UTF-16", file("{\0}\0", 0), "must be JSON in UTF-8"),
                arguments("nesting bomb", file("{'a':" + "[".repeat(100_000), 0), "must be an object, found \"[\""),
                arguments(
                        "nesting bomb in metadata",
                        file("{'__metadata__':" + "{'a':".repeat(100_000), 0),
                        "nesting depth (9) exceeds the maximum allowed (8"),
                arguments(
                        "nesting bomb in a dtype",
                        file("{'a':{'dtype':" + "[".repeat(100_000), 0),
                        "nesting depth (9) exceeds the maximum allowed (8"),
                arguments("endless name", file("{'" + "n".repeat(2000) + "':1}", 0), "exceeds the maximum allowed"),
                arguments("names twice", file("{" + A + "," + A + "}", 8), "Duplicate field 'a'"),
                arguments("dtype twice", tensor("'F32','dtype':'F32'", "[2]", "[0,8]"), "Duplicate field 'dtype'"),
                arguments("number for a tensor", file("{'a':1}", 0), "tensor \"a\" of "),
                arguments("no dtype", file("{'a':{}}", 0), "dtype must be one of [F32], found none"),
                arguments("another dtype", tensor("'F16'", "[4]", "[0,8]"), "must be one of [F32], found \"F16\""),
                arguments("null dtype", tensor("null", "[2]", "[0,8]"), "must be one of [F32], found \"null\""),
                arguments("no shape", file("{'a':{'dtype':'F32'}}", 0), "must have a shape and two data_offsets"),
                arguments("text for a shape", tensor("'F32'", "'2'", "[0,8]"), "shape must be an array, found \"2\""),
                arguments("negative side", tensor("'F32'", "[-1,-2]", "[0,8]"), "from 0 to 2147483647, found \"-1\""),
                arguments("side of 2^31", tensor("'F32'", "[2147483648]", "[0,8]"), "found \"2147483648\""),
                arguments("side of 2^70", tensor("'F32'", "[1180591620717411303424]", "[0,8]"), "from 0 to 2147483647"),
                arguments("half a side", tensor("'F32'", "[2.0]", "[0,8]"), "whole numbers from 0 to"),
                arguments("side in words", tensor("'F32'", "['2']", "[0,8]"), "whole numbers from 0 to"),
                arguments("too many sides", tensor("'F32'", "[1" + ",1".repeat(64) + "]", "[0,8]"), "at most 64"),
                arguments(
                        "2^32 numbers",
                        tensor("'F32'", "[65536,65536]", "[0,17179869184]"),
                        "must have at most 2147483639 numbers, found shape [65536, 65536]"),
                arguments(
                        "2^62 numbers, which wrap around",
                        tensor("'F32'", "[2147483647,2147483647,2147483647]", "[0,8]"),
                        "must have at most 2147483639 numbers"),
                arguments(
                        "a tensor of 8 GB in 8 bytes",
                        tensor("'F32'", "[2000000000]", "[0,8000000000]"),
                        "is truncated or too long"),
                arguments("one offset", tensor("'F32'", "[2]", "[0]"), "two data_offsets, found [2] and [0]"),
                arguments("three offsets", tensor("'F32'", "[2]", "[0,8,8]"), "data_offsets must have at most 2"),
                arguments("negative offset", tensor("'F32'", "[2]", "[-8,0]"), "data_offsets must have whole numbers"),
                arguments("offset of 2^63", tensor("'F32'", "[2]", "[0,9223372036854775808]"), "must have whole"),
                arguments("end before start", tensor("'F32'", "[2]", "[8,0]"), "8 bytes apart for shape [2]"),
                arguments("bytes of another shape", tensor("'F32'", "[3]", "[0,8]"), "must be 12 bytes apart"),
                arguments("gap before the first", tensor("'F32'", "[1]", "[4,8]"), "must start at offset 0"),
                arguments(
                        "gap far beyond the file",
                        tensor("'F32'", "[2]", "[9223372036854775799,9223372036854775807]"),
                        "must start at offset 0"),
                arguments("overlap", file("{" + A + "," + B.replace("[8,12]", "[4,8]") + "}", 12), "found 4"),
                arguments("same bytes twice", file("{" + A + "," + A.replace("'a'", "'c'") + "}", 8), "offset 8"),
                arguments("gap", file("{" + A + "," + B.replace("[8,12]", "[12,16]") + "}", 16), "tensor \"b\""),
                arguments("bytes of no tensor", file("{}", 4), "is truncated or too long"),
                arguments("name of two lines", file("{'a\\nb':1}", 0), "tensor \"a?b\" of "));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void damagedAndHostileFilesAreBadData(String name, byte[] bytes, String message) throws IOException {
        Path file = write(bytes);

        assertThatThrownBy(() -> Safetensors.read(file))
                .as(name)
                .isInstanceOfSatisfying(
                        StageFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.BAD_DATA))
                .hasMessageContaining(message)
                .hasMessageContaining(file.toString())
                .message()
                .hasLineCount(1)
                .hasSizeLessThan(500);
    }

    @Test
    void changedBytesEitherReadOrAreBadData() throws IOException {
        byte[] good = file("{'__metadata__':{'format':'pt'}," + A + "," + B + "}", 12);
        Random random = new Random(1);
        int refused = 0;
        for (int i = 0; i < 4000; i++) {
            byte[] bytes = Arrays.copyOf(good, i % 4 == 0 ? random.nextInt(good.length + 9) : good.length);
            for (int change = random.nextInt(4); change > 0 && bytes.length > 0; change--) {
                byte value = (byte) (i % 2 == 0 ? random.nextInt() : "{}[]\",:-0123456789e".charAt(random.nextInt(19)));
                bytes[random.nextInt(bytes.length)] = value;
            }
            Path file = Files.write(folder.resolve("changed" + i), bytes);
            try {
                Map<String, Safetensors.FloatTensor> found = Safetensors.read(file);
                assertThat(found.values().stream()
                                .mapToInt(tensor -> tensor.values().length)
                                .sum())
                        .as("numbers after change %d", i)
                        .isEqualTo((bytes.length - good.length + 12) / 4);
            } catch (StageFailure e) {
                assertThat(e.exitCode()).isEqualTo(ExitCode.BAD_DATA);
                refused++;
            } finally {
                Files.delete(file);
            }
        }
        assertThat(refused).isBetween(1000, 3900);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("shapes")
    void aTensorHasTheNumbersOfItsShape(List<Integer> shape) {
        assertThatThrownBy(() -> new Safetensors.FloatTensor(shape, new float[1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a tensor of shape " + shape + " cannot have 1 numbers");
    }

    static Stream<List<Integer>> shapes() {
        return Stream.of(List.of(2), List.of(0), List.of(-1, -1), List.of(65536, 65536, 65536, 65536));
    }

    /** A file with one tensor of 8 bytes. */
    private static byte[] tensor(String type, String shape, String offsets) {
        return file("{'a':{'dtype':" + type + ",'shape':" + shape + ",'data_offsets':" + offsets + "}}", 8);
    }

    /** A file with a header; single quotes stand for double ones, each char for a byte. */
    private static byte[] file(String header, int dataBytes) {
        byte[] json = ascii(header.replace('\'', '"'));
        return ByteBuffer.allocate(8 + json.length + dataBytes)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    private static byte[] claimed(byte[] file, long headerLength) {
        byte[] copy = file.clone();
        ByteBuffer.wrap(copy).order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength);
        return copy;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private Path write(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("some.safetensors"), bytes);
    }
}
