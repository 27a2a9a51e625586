package dev.moco.operator.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moco.contract.StageFailure;
import dev.moco.operator.spec.ExperimentReader;
import dev.moco.operator.spec.SpecField;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The API server and the reader agree: on names, defaults, types, bounds, choices and texts. */
class SchemaTest {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    /** Texts that some fields accept and some refuse. */
    private static final List<String> SAMPLES = List.of(
            "",
            " ",
            "a",
            "7",
            "A",
            "-a",
            "a-",
            "a.b",
            "ab.c-d",
            "a_b",
            "a b",
            "a\nb",
            "/a",
            "a/",
            "a/b",
            "a//b",
            "None",
            "nvidia.com/gpu",
            "Nvidia.com/gpu",
            "nvidia.com/gpu/x",
            "ghcr.io/moco/stages@sha256:00",
            "us-east-1",
            "http://host",
            "https://host:9000/",
            "https://host/path",
            "ftp://host",
            "24Gi",
            "1.5Gi",
            "0Gi",
            "24",
            "512Mi",
            "512Ki",
            "é");

    @Test
    void theSchemasDefaultsEqualTheReaders() {
        JsonNode plain = Schema.resource();
        JsonNode filled = Schema.filled();
        assertThat(filled).isNotEqualTo(plain);
        assertThat(read(filled)).isEqualTo(read(plain));
        // kubectl get -o yaml shows all that does not depend on a choice.
        assertThat(filled.at("/spec/pretrain/ranks").intValue()).isEqualTo(8);
        assertThat(filled.at("/spec/pretrain/knn/everyEpochs").intValue()).isEqualTo(10);
    }

    /** With those of the default in it, a resource of another method would be refused. */
    @Test
    void theSchemaHasNoDefaultThatDependsOnAChoice() {
        List<String> chosen = new ArrayList<>();
        Map.of("pretrain", PretrainSpec.class, "linear", LinearSpec.class)
                .forEach((group, record) -> SpecField.of(record).stream()
                        .filter(field -> field.chosen() != null)
                        .forEach(field -> chosen.add("spec." + group + "." + field.name())));
        assertThat(chosen)
                .contains("spec.pretrain.temperature", "spec.linear.epochs")
                .allSatisfy(path -> assertThat(Schema.at(path).has("default")).isFalse());
    }

    /** MoCo's are also as resources were stored before defaults depended on the method. */
    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"MoCo", "EndToEnd", "SimCLR", "Supervised"})
    void theDescribedDefaultsAreTheReaders(String method) {
        ObjectNode named = Schema.resource();
        ((ObjectNode) named.get("spec")).putObject("pretrain").put("method", method);
        assertThat(read(Schema.complete(method))).isEqualTo(read(named));
    }

    @Test
    void noItemOfAListHasADefault() {
        // kubectl apply compares a list as a whole: it would send the file's list again and again.
        Schema.walk("spec", Schema.SPEC, (path, schema) -> {
            if (path.contains("[0]")) {
                assertThat(schema.has("default")).as(path).isFalse();
            }
        });
    }

    @Test
    void theOperatorReadsADefaultedResource() {
        JsonNode filled = Schema.filled();
        assertThat(ExperimentReader.read(bind(filled), Optional.empty())).isEqualTo(read(filled));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("objects")
    void anUnknownFieldOfABoundOrCopiedResourceIsRefused(String path) {
        // The second is the name of the records' component for such fields.
        for (String name : List.of("nobodysField", "unknown")) {
            for (JsonNode value :
                    List.of(NODES.numberNode(5), NODES.objectNode().put("a", 1))) {
                MoCoExperiment bound = bind(resource(path + "." + name, value));
                assertThat(problems(bound))
                        .anySatisfy(problem ->
                                assertThat(problem).startsWith(path + "." + name + " is not a field; nearest is"));
                assertThat(problems(new KubernetesSerialization().clone(bound))).isEqualTo(problems(bound));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("bindableNumbers")
    void aBoundNumberIsRefusedAsInAFile(String path) {
        ObjectNode resource = resource(path, aboveMaximum(path));
        assertThat(problems(bind(resource))).isNotEmpty().isEqualTo(problems(resource));
    }

    private static JsonNode aboveMaximum(String path) {
        JsonNode schema = Schema.at(path);
        return schema.get("type").asText().equals("integer")
                ? NODES.numberNode(schema.get("maximum").longValue() + 1)
                : NODES.numberNode(schema.get("maximum").doubleValue() + 1);
    }

    private static MoCoExperiment bind(JsonNode resource) {
        return new KubernetesSerialization().unmarshal(resource.toString(), MoCoExperiment.class);
    }

    private static List<String> problems(MoCoExperiment resource) {
        return problems(() -> ExperimentReader.read(resource, Optional.empty()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("objects")
    void schemaAndReaderHaveTheSameFields(String path) {
        String problem = problem(path + ".nobodysField", NODES.textNode("x"));
        assertThat(problem).contains("is not a field");
        assertThat(new TreeSet<>(Arrays.asList(
                        problem.substring(problem.indexOf("known are: ") + 11).split(", "))))
                .isEqualTo(new TreeSet<>(Schema.at(path)
                        .get("properties")
                        .propertyStream()
                        .filter(property -> !Schema.isOldName(property.getValue()))
                        .map(Map.Entry::getKey)
                        .toList()));
    }

    @Test
    void schemaAndReaderRefuseAnOldNameWithTheNewOne() {
        assertThat(Schema.oldNames())
                .containsExactlyInAnyOrder("spec.detection.gpus", "spec.pretrain.gpus", "spec.pretrain.knn.neighbours");
        assertThat(Schema.oldNames()).allSatisfy(path -> {
            String problem = problem(path, NODES.numberNode(3));
            assertThat(problem).startsWith(path + " was renamed: use ").endsWith(", found 3");
            assertThat(Schema.SPEC.get("x-kubernetes-validations").findValuesAsText("fieldPath"))
                    .contains(path.substring("spec".length()));
            assertThat(Schema.at(path.substring(0, path.lastIndexOf('.')))
                            .get("properties")
                            .fieldNames())
                    .toIterable()
                    .contains(problem.replaceAll(".* use |, found.*", ""));
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("oldNames")
    void aStoredOldNameIsRefusedDespiteTheNewNamesDefault(String path) {
        JsonNode stored = Schema.filled();
        String parent = path.substring(0, path.lastIndexOf('.')).replace('.', '/');
        ((ObjectNode) stored.at("/" + parent)).put(path.substring(path.lastIndexOf('.') + 1), 2);
        assertThat(problems(bind(stored)).get(1))
                .startsWith(path + " was renamed: use ")
                .endsWith(", found 2");
    }

    static List<String> oldNames() {
        return Schema.oldNames();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fields")
    void everyFieldHasADescriptionWithItsDefault(String path) {
        String description = Schema.at(path).path("description").asText();
        assertThat(description).hasSizeGreaterThan(20).endsWith(".");
        if (!path.endsWith("]") && Schema.at(path).get("properties") == null) {
            assertThat(description).containsPattern("[Dd]efaults to|Required|Without");
        }
    }

    @Test
    void everyFieldSaysWhenAChangeTakesEffectOrIsImmutable() {
        Schema.walk("spec", Schema.SPEC, (path, schema) -> {
            if (!path.equals("spec")
                    && !path.endsWith("]")
                    && !path.equals("spec.storage")
                    && !Schema.isOldName(schema)) {
                boolean immutable = path.matches(
                        "spec\\.(data|encoder|pretrain|linear|detection)(\\..*)?|spec\\.storage\\.(bucket|prefix|endpoint)");
                assertThat(schema.path("description").asText().contains("A change takes effect"))
                        .as(path)
                        .isNotEqualTo(immutable);
            }
        });
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("fields")
    void anotherTypeIsRefused(String path) {
        JsonNode wrong =
                Schema.at(path).get("type").asText().equals("string") ? NODES.numberNode(7) : NODES.textNode("x");
        assertThat(problem(path, wrong)).isNotEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("numbers")
    void aNumberIsRefusedJustOutsideItsBounds(String path) {
        JsonNode schema = Schema.at(path);
        assertThat(schema.has("minimum") && schema.has("maximum")).isTrue();
        boolean whole = schema.get("type").asText().equals("integer");
        BigDecimal step = whole ? BigDecimal.ONE : new BigDecimal("0.0001");
        BigDecimal least = schema.get("minimum").decimalValue();
        BigDecimal most = schema.get("maximum").decimalValue();
        boolean open = schema.path("exclusiveMinimum").booleanValue();
        assertRange(path, open ? least : least.subtract(step), false);
        assertRange(path, open ? least.add(step) : least, true);
        assertRange(path, most, true);
        assertRange(path, most.add(step), false);
        if (whole) {
            assertRange(path, least.add(new BigDecimal("0.5")), false);
        }
    }

    private static void assertRange(String path, BigDecimal value, boolean inside) {
        JsonNode number = value.stripTrailingZeros().scale() <= 0
                ? NODES.numberNode(value.toBigIntegerExact())
                : NODES.numberNode(value);
        String problem = problem(path, number);
        // A value in its range may still break a rule with another field, which has another message.
        assertThat(problem.matches("(?s).*(a whole number|a number) .*"))
                .as(path + " = " + value + ": " + problem)
                .isNotEqualTo(inside);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("choices")
    void schemaAndReaderHaveTheSameChoices(String path) {
        String problem = problem(path, NODES.textNode("nothing"));
        List<String> choices = new ArrayList<>();
        Schema.at(path).get("enum").forEach(choice -> choices.add(choice.asText()));
        String known = problem.substring(problem.indexOf("must be one of ") + 15, problem.indexOf(", found"));
        assertThat(known.split(", ")).containsExactlyInAnyOrderElementsOf(choices);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("texts")
    void schemaAndReaderRefuseTheSameTexts(String path) {
        JsonNode schema = Schema.at(path);
        assertThat(schema.has("maxLength"))
                .as("an unbounded text makes CEL rules too expensive")
                .isTrue();
        int most = schema.get("maxLength").intValue();
        Stream.concat(SAMPLES.stream(), Stream.of("a".repeat(most), "a".repeat(most + 1)))
                .filter(text -> schema.get("x-kubernetes-validations") == null || !isSource(path))
                .forEach(text -> {
                    boolean schemaTakes = text.codePointCount(0, text.length()) <= most
                            && text.matches(schema.path("pattern").asText("(?s).*"));
                    String problem = problem(path, NODES.textNode(text));
                    assertThat(problem.isEmpty() || problem.contains(" belongs to "))
                            .as(path + " = \"" + text + "\": " + problem)
                            .isEqualTo(schemaTakes);
                });
    }

    /** Its rule is CEL, which the API server alone evaluates. */
    private static boolean isSource(String path) {
        return List.of("spec.data.imagenet", "spec.data.voc", "spec.encoder.from", "spec.pretrain.from.file")
                .contains(path);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("lists")
    void aListIsRefusedJustOutsideItsLength(String path) {
        JsonNode schema = Schema.at(path);
        int most = schema.get("maxItems").intValue();
        for (int length : new int[] {schema.path("minItems").intValue(), most, most + 1}) {
            ArrayNode items = NODES.arrayNode();
            for (int i = 0; i < length; i++) {
                items.add(item(schema.get("items").get("type").asText(), i));
            }
            String problem = problem(path, items);
            assertThat(problem.contains(" of at most "))
                    .as(path + ": " + problem)
                    .isEqualTo(length > most);
        }
        if (schema.has("minItems")) {
            assertThat(problem(path, NODES.arrayNode())).contains("at least one");
        }
    }

    private static JsonNode item(String type, int i) {
        return switch (type) {
            case "string" -> NODES.textNode("class" + i);
            case "object" -> NODES.objectNode().put("operator", "Exists");
            default -> NODES.numberNode(i + 16);
        };
    }

    @Test
    void schemaAndReaderRequireTheSameFields() {
        Map<String, String> required = new TreeMap<>();
        Schema.walk(
                "spec",
                Schema.SPEC,
                (path, schema) ->
                        schema.path("required").forEach(name -> required.put(path + "." + name.asText(), "")));
        assertThat(required.keySet())
                .containsExactly(
                        "spec.data",
                        "spec.data.imagenet",
                        "spec.encoder.from",
                        "spec.pretrain.from.file",
                        "spec.storage.bucket");
        ObjectNode resource = Schema.resource();
        ((ObjectNode) resource.get("spec")).putObject("storage");
        ((ObjectNode) resource.get("spec")).putObject("encoder");
        ((ObjectNode) resource.at("/spec/data")).remove("imagenet");
        assertThat(problems(resource))
                .anySatisfy(problem -> assertThat(problem).startsWith("spec.data.imagenet must be given"))
                .anySatisfy(problem -> assertThat(problem).startsWith("spec.storage.bucket must be given"))
                .anySatisfy(problem -> assertThat(problem).startsWith("spec.encoder.from must be given"));
    }

    static List<String> objects() {
        return Schema.paths(schema -> schema.has("properties"), true);
    }

    static List<String> fields() {
        return Schema.paths(schema -> schema.has("type"), false);
    }

    static List<String> numbers() {
        return Schema.paths(
                schema -> List.of("integer", "number")
                        .contains(schema.path("type").asText()),
                true);
    }

    /** Numbers of which a value above the maximum still has the field's Java type: the client refuses to bind others. */
    static List<String> bindableNumbers() {
        return numbers().stream()
                .filter(path ->
                        aboveMaximum(path).longValue() != Integer.MAX_VALUE + 1L || path.endsWith("tolerationSeconds"))
                .toList();
    }

    static List<String> texts() {
        return Schema.paths(schema -> schema.path("type").asText().equals("string") && !schema.has("enum"), true);
    }

    static List<String> choices() {
        return Schema.paths(schema -> schema.has("enum"), true);
    }

    static List<String> lists() {
        return Schema.paths(schema -> schema.path("type").asText().equals("array"), true);
    }

    /**
     * The problem that the reader finds in a value of one field of a resource that is valid otherwise; empty
     * if none.
     */
    private static String problem(String path, JsonNode value) {
        return problems(resource(path, value)).stream()
                .filter(problem -> problem.matches("(?s)" + Pattern.quote(path) + "[ .\\[].*"))
                .findFirst()
                .orElse("");
    }

    /** A resource that is valid but for a value. */
    private static ObjectNode resource(String path, JsonNode value) {
        ObjectNode resource = Schema.resource();
        JsonNode at = resource;
        String[] names = path.replace("[0]", ".[0]").split("\\.", -1);
        for (int i = 0; i < names.length; i++) {
            boolean last = i == names.length - 1;
            if (at instanceof ArrayNode list) {
                at = list.add(last ? value : NODES.objectNode()).get(0);
            } else {
                ObjectNode object = (ObjectNode) at;
                boolean array = !last && names[i + 1].equals("[0]");
                if (last) {
                    object.set(names[i], value);
                } else if (!object.has(names[i])) {
                    object.set(names[i], array ? NODES.arrayNode() : NODES.objectNode());
                }
                at = object.get(names[i]);
            }
        }
        if (path.startsWith("spec.storage") && !path.equals("spec.storage") && !path.endsWith(".bucket")) {
            ((ObjectNode) resource.at("/spec/storage")).put("bucket", "results");
        }
        if (path.startsWith("spec.scheduling.tolerations[0].")
                && !path.endsWith(".operator")
                && !path.endsWith(".key")) {
            ((ObjectNode) resource.at("/spec/scheduling/tolerations/0")).put("key", "gpu");
        }
        return resource;
    }

    private static List<String> problems(JsonNode resource) {
        return problems(() -> read(resource));
    }

    private static List<String> problems(Runnable read) {
        try {
            read.run();
            return List.of();
        } catch (StageFailure failure) {
            return Arrays.asList(String.valueOf(failure.getMessage()).split("\n  ", -1));
        }
    }

    private static Object read(JsonNode resource) {
        return ExperimentReader.read(resource, Optional.empty());
    }
}
