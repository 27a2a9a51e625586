package dev.moco.operator.spec;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.IOContext;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.events.NodeEvent;

/**
 * Trees of a YAML file's documents, with the values of anchors in the place of their aliases and of merge keys
 * ({@code <<}), as kubectl reads them. Jackson's own trees have the name of the anchor there.
 */
final class YamlTree {
    private static final String MERGE = "<<";
    /** Most values, with those of aliases: anchors within anchors could make a tree that no memory holds. */
    private static final int MAX_VALUES = 100_000;

    private static final Factory FACTORY = new Factory();

    private final AnchorParser parser;
    private final Map<String, Anchored> anchors = new HashMap<>();
    private int values;

    private record Anchored(JsonNode node, int values) {}

    private YamlTree(AnchorParser parser) {
        this.parser = parser;
    }

    /**
     * Reads all documents, without empty ones.
     *
     * @throws com.fasterxml.jackson.core.JsonProcessingException if the text is not YAML, or names a field twice
     */
    static List<JsonNode> documents(String text) throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        try (AnchorParser parser = FACTORY.parser(text)) {
            while (parser.nextToken() != null) {
                JsonNode document = new YamlTree(parser).value();
                if (!document.isNull() && !document.isMissingNode()) {
                    documents.add(document);
                }
            }
        }
        return documents;
    }

    /** A parser that tells the anchors of scalars, too; Jackson's tells those of collections. */
    private static final class AnchorParser extends YAMLParser {
        AnchorParser(IOContext context, int features, int yamlFeatures, LoaderOptions options, Reader text) {
            super(context, features, yamlFeatures, options, null, text);
        }

        @Nullable
        String anchor() {
            return _lastEvent instanceof NodeEvent node ? node.getAnchor() : null;
        }
    }

    private static final class Factory extends YAMLFactory {
        private static final long serialVersionUID = 1;

        Factory() {
            enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION.mappedFeature());
        }

        AnchorParser parser(String text) throws IOException {
            return (AnchorParser) createParser(text);
        }

        @Override
        protected AnchorParser _createParser(Reader text, IOContext context) {
            return new AnchorParser(context, _parserFeatures, _yamlParserFeatures, _loaderOptions, text);
        }
    }

    /** The value at the parser's token; moves to its last. */
    private JsonNode value() throws IOException {
        int before = values;
        count(1);
        if (parser.isCurrentAlias()) {
            Anchored anchored = anchors.get(parser.getText());
            if (anchored == null) {
                throw error("alias *" + parser.getText() + " has no anchor before it");
            }
            count(anchored.values());
            return anchored.node();
        }
        String anchor = parser.anchor();
        JsonNode node;
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            node = object();
        } else if (parser.currentToken() == JsonToken.START_ARRAY) {
            node = array();
        } else {
            node = scalar();
        }
        if (anchor != null) {
            anchors.put(anchor, new Anchored(node, values - before));
        }
        return node;
    }

    private ObjectNode object() throws IOException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        List<JsonNode> merged = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            JsonNode value = value();
            if (name.equals(MERGE) && value.isContainerNode()) {
                merged.add(value);
            } else {
                object.set(name, value);
            }
        }
        for (JsonNode more : merged) {
            for (JsonNode source : more.isArray() ? more : List.of(more)) {
                if (!source.isObject()) {
                    throw error("<< must name a mapping, or a list of mappings");
                }
                source.properties().forEach(field -> object.putIfAbsent(field.getKey(), field.getValue()));
            }
        }
        return object;
    }

    private ArrayNode array() throws IOException {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            array.add(value());
        }
        return array;
    }

    private JsonNode scalar() throws IOException {
        JsonNodeFactory nodes = JsonNodeFactory.instance;
        return switch (parser.currentToken()) {
            case VALUE_STRING -> nodes.textNode(parser.getText());
            case VALUE_TRUE, VALUE_FALSE -> nodes.booleanNode(parser.getBooleanValue());
            case VALUE_NULL -> nodes.nullNode();
            case VALUE_NUMBER_FLOAT -> nodes.numberNode(parser.getDoubleValue());
            case VALUE_NUMBER_INT ->
                switch (parser.getNumberType()) {
                    case INT -> nodes.numberNode(parser.getIntValue());
                    case LONG -> nodes.numberNode(parser.getLongValue());
                    default -> nodes.numberNode(parser.getBigIntegerValue());
                };
            default -> MissingNode.getInstance();
        };
    }

    private void count(int more) throws JsonParseException {
        values += more;
        if (values > MAX_VALUES) {
            throw error("more than " + MAX_VALUES + " values, those of aliases included");
        }
    }

    private JsonParseException error(String message) {
        return new JsonParseException(parser, message);
    }
}
