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

/** Parses the JSON of a header token by token, as a tree of a hostile header would take many times its size. */
final class SafetensorsParser {
    private static final String METADATA = "__metadata__";
    private static final int MAX_TENSORS = 10_000;
    private static final int MAX_DIMENSIONS = 64;
    private static final int SHOWN = 100;

    // Jackson must not intern names: the names of a hostile file would stay in memory.
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
    private final List<ElementType> types;

    private SafetensorsParser(JsonParser json, Path file, List<ElementType> types) {
        this.json = json;
        this.file = file;
        this.types = types;
    }

    /**
     * Returns the tensors of a header that starts with a brace, in its order.
     *
     * @throws StageFailure bad data, if the JSON is not that of a header, or the bytes of a tensor do not match its shape
     */
    static List<Part> parts(byte[] header, Path file, List<ElementType> types) {
        // This decoder refuses all encodings but UTF-8; Jackson alone would accept UTF-16 too.
        try (JsonParser json = JSON.createParser(
                new InputStreamReader(new ByteArrayInputStream(header), StandardCharsets.UTF_8.newDecoder()))) {
            return new SafetensorsParser(json, file, types).parts();
        } catch (JsonProcessingException e) {
            throw unreadable(file, e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw unreadable(file, "bytes that are not UTF-8", e);
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
                if (parts.size() == MAX_TENSORS) {
                    throw wrong(name, file, "must be one of at most " + MAX_TENSORS + " tensors, found more");
                }
                parts.add(part(name));
            }
        }
        if (json.nextToken() != null) {
            throw unreadable(file, "content after its end");
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
            json.skipChildren(); // of an unknown field
        }
        ElementType element =
                type == null ? null : ElementType.ofSafetensors(type).orElse(null);
        if (element == null || !types.contains(element)) {
            List<String> allowed = types.stream().map(ElementType::safetensors).toList();
            throw wrong(name, file, "dtype must be one of " + allowed + ", found " + shown(type));
        }
        if (shape == null || offsets == null || offsets.size() != 2) {
            throw wrong(name, file, "must have a shape and two data_offsets, found " + shape + " and " + offsets);
        }
        return part(name, element, shape.stream().map(Long::intValue).toList(), offsets.get(0), offsets.get(1));
    }

    private Part part(String name, ElementType type, List<Integer> shape, long start, long end) {
        long count = SafetensorsHeader.count(shape);
        if (count > FloatBytes.MAX_NUMBERS) {
            throw wrong(name, file, "must have at most " + FloatBytes.MAX_NUMBERS + " numbers, found shape " + shape);
        }
        // Neither offset is negative, so the difference cannot overflow; a sum could.
        if (end - start != type.bytes() * count) {
            throw wrong(
                    name,
                    file,
                    "data_offsets must be " + type.bytes() * count + " bytes apart for shape " + shape + ", found ["
                            + start + ", " + end + "]");
        }
        return new Part(name, type, shape, start, (int) count);
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

    /** Text of the file for a message, shortened and on one line. */
    static String shown(@Nullable String text) {
        if (text == null) {
            return "none";
        }
        String start = text.length() > SHOWN ? text.substring(0, SHOWN) + "..." : text;
        return '"' + start.replaceAll("\\p{C}", "?") + '"';
    }
}
