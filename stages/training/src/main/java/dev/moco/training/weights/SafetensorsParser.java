package dev.moco.training.weights;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.moco.contract.StageFailure;
import dev.moco.training.weights.SafetensorsHeader.Part;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The JSON of a header, token by token: a tree of a hostile one would take many times its bytes. */
final class SafetensorsParser {
    private static final List<String> TYPES = List.of("F32");
    private static final String METADATA = "__metadata__";
    private static final int MAX_DIMENSIONS = 64;
    private static final int SHOWN = 100;

    // Without tables of names, which would outlive a hostile file.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxNameLength(1000)
                    .build())
            .build();

    private final JsonParser json;
    private final Path file;

    private SafetensorsParser(JsonParser json, Path file) {
        this.json = json;
        this.file = file;
    }

    /**
     * The tensors of a header that starts with a brace, in its order.
     *
     * @throws StageFailure bad data, if it is no such JSON or a tensor does not have the bytes of its shape
     */
    static List<Part> parts(byte[] header, Path file) {
        // This decoder refuses what is not UTF-8; left to itself, Jackson would take UTF-16 as well.
        try (JsonParser json = JSON.createParser(
                new InputStreamReader(new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder()))) {
            return new SafetensorsParser(json, file).parts();
        } catch (JsonProcessingException e) {
            throw unreadable(file, e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw unreadable(file, "other bytes", e);
        }
    }

    private List<Part> parts() throws IOException {
        List<Part> parts = new ArrayList<>();
        json.nextToken();
        for (String name = json.nextFieldName(); name != null; name = json.nextFieldName()) {
            json.nextToken();
            if (name.equals(METADATA)) {
                json.skipChildren();
            } else {
                parts.add(part(name));
            }
        }
        if (json.nextToken() != null) {
            throw unreadable(file, "more after its end");
        }
        return parts;
    }

    private Part part(String name) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw wrong(name, file, "must be an object, found " + shown(json.getText()));
        }
        String type = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
            json.nextToken();
            switch (field) {
                case "dtype" -> type = json.getText();
                case "shape" -> shape = numbers(name, field, MAX_DIMENSIONS, Integer.MAX_VALUE);
                case "data_offsets" -> offsets = numbers(name, field, 2, Long.MAX_VALUE);
                default -> {}
            }
            json.skipChildren(); // of what is not known
        }
        if (type == null || !TYPES.contains(type)) {
            throw wrong(name, file, "dtype must be one of " + TYPES + ", found " + shown(type));
        }
        if (shape == null || offsets == null || offsets.size() != 2) {
            throw wrong(name, file, "must have a shape and two data_offsets, found " + shape + " and " + offsets);
        }
        return part(name, shape.stream().map(Long::intValue).toList(), offsets.get(0), offsets.get(1));
    }

    private Part part(String name, List<Integer> shape, long start, long end) {
        long count = SafetensorsHeader.count(shape);
        if (count > FloatBytes.MAX_NUMBERS) {
            throw wrong(name, file, "must have at most " + FloatBytes.MAX_NUMBERS + " numbers, found shape " + shape);
        }
        // The difference of two that are not negative does not overflow; a sum might.
        if (end - start != Float.BYTES * count) {
            throw wrong(
                    name,
                    file,
                    "data_offsets must be " + Float.BYTES * count + " bytes apart for shape " + shape + ", found ["
                            + start + ", " + end + "]");
        }
        return new Part(name, shape, start, (int) count);
    }

    private List<Long> numbers(String name, String field, int most, long limit) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw wrong(name, file, field + " must be an array, found " + shown(json.getText()));
        }
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (numbers.size() == most) {
                throw wrong(name, file, field + " must have at most " + most + " numbers, found more");
            }
            boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            if (!whole || json.getLongValue() < 0 || json.getLongValue() > limit) {
                throw wrong(
                        name,
                        file,
                        field + " must have whole numbers from 0 to " + limit + ", found " + shown(json.getText()));
            }
            numbers.add(json.getLongValue());
        }
        return numbers;
    }

    static StageFailure wrong(String name, Path file, String problem) {
        return StageFailure.badData("tensor " + shown(name) + " of " + file + ": " + problem);
    }

    private static StageFailure unreadable(Path file, String found, Throwable... cause) {
        return StageFailure.badData(
                file + " is not a safetensors file: its header must be JSON in UTF-8, found: " + shown(found), cause);
    }

    /** The file's own words, short and in one line. */
    private static String shown(@Nullable String text) {
        if (text == null) {
            return "none";
        }
        String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        return '"' + start.replaceAll("\\p{C}", "?") + '"';
    }
}
