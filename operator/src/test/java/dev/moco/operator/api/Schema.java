package dev.moco.operator.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.moco.operator.spec.SpecField;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/** The generated schema, by paths such as {@code spec.pretrain.milestones[0]}. */
final class Schema {
    static final JsonNode CRD = crd();
    static final JsonNode ROOT = CRD.at("/spec/versions/0/schema/openAPIV3Schema");
    static final JsonNode SPEC = ROOT.at("/properties/spec");

    /** Fields without a default that every method may have, in lists as a user writes them. */
    private static final String WITHOUT_DEFAULT = """
            data: {vocYears: [2007, 2012]}
            linear: {imageSize: 224, seed: 1}
            detection: {milestones: [18000, 22000], seed: 2}
            storage: {bucket: results, prefix: moco, endpoint: "http://s3.example:9000", region: us-east-1,
                      pathStyle: true, checksums: true, credentialsSecret: s3, serviceAccountName: pods}
            retryToken: again
            retention: {checkpoints: {everyEpochs: 50}}
            scheduling: {queueName: gpus, priorityClassName: low, nodeSelector: {gpu: a100}, tolerations: [
                {key: gpu}, {key: spot, value: "yes", effect: NoExecute, tolerationSeconds: 60}, {operator: Exists}]}
            resources:
              image: registry.example/stages:1
              prepare: {nodes: 1, gpus: 0, cpu: 2, memory: 2Gi, shm: 1Gi, ephemeralStorage: 9Gi}
              weights: {nodes: 1, gpus: 0, cpu: 2, memory: 2Gi, shm: 1Gi, ephemeralStorage: 9Gi}
              pretrain: {nodes: 1, gpus: 1, cpu: 8, memory: 24Gi, shm: 8Gi, ephemeralStorage: 9Gi}
              linear: {nodes: 1, gpus: 1, cpu: 8, memory: 24Gi, shm: 8Gi, ephemeralStorage: 9Gi}
              detect: {nodes: 1, gpus: 1, cpu: 8, memory: 24Gi, shm: 8Gi, ephemeralStorage: 9Gi}
            """;

    private Schema() {}

    /** Paths of the fields that are not objects. */
    static List<String> leaves() {
        return paths(schema -> !schema.path("type").asText().equals("object"), false);
    }

    /** Old names of fields, which are refused. */
    static List<String> oldNames() {
        List<String> paths = new ArrayList<>();
        walk("spec", SPEC, (path, schema) -> {
            if (isOldName(schema)) {
                paths.add(path);
            }
        });
        return paths;
    }

    static boolean isOldName(JsonNode schema) {
        return schema.path("description").asText().startsWith("Renamed to ");
    }

    /** Paths of the spec's fields but for old names, and of the items of its lists if {@code items}. */
    static List<String> paths(Predicate<JsonNode> wanted, boolean items) {
        List<String> paths = new ArrayList<>();
        walk("spec", SPEC, (path, schema) -> {
            if (!isOldName(schema)
                    && wanted.test(schema)
                    && (items || (!path.equals("spec") && !path.endsWith("[0]")))) {
                paths.add(path);
            }
        });
        return paths;
    }

    static void walk(String path, JsonNode schema, BiConsumer<String, JsonNode> visit) {
        visit.accept(path, schema);
        schema.path("properties")
                .propertyStream()
                .forEach(property -> walk(path + "." + property.getKey(), property.getValue(), visit));
        if (schema.has("items")) {
            walk(path + "[0]", schema.get("items"), visit);
        }
    }

    static JsonNode at(String path) {
        JsonNode schema = ROOT;
        for (String name : path.replace("[0]", ".[0]").split("\\.", -1)) {
            schema = name.equals("[0]")
                    ? schema.get("items")
                    : schema.get("properties").get(name);
        }
        return schema;
    }

    /** A valid resource that names nothing but its data. */
    static ObjectNode resource() {
        ObjectNode resource = JsonNodeFactory.instance
                .objectNode()
                .put("apiVersion", MoCoExperiment.API_VERSION)
                .put("kind", MoCoExperiment.KIND);
        resource.putObject("metadata").put("name", "x");
        resource.putObject("spec")
                .putObject("data")
                .put("imagenet", "s3://raw/imagenet")
                .put("voc", "s3://raw/voc");
        return resource;
    }

    /** As the API server stores it. */
    static JsonNode filled() {
        JsonNode resource = resource();
        fill(ROOT, resource);
        return resource;
    }

    /** A resource of a method that names every field whose default depends on it, with that default. */
    static ObjectNode complete(String method) {
        ObjectNode resource = (ObjectNode) filled();
        ObjectNode pretrain = (ObjectNode) resource.at("/spec/pretrain");
        ObjectNode linear = (ObjectNode) resource.at("/spec/linear");
        complete(pretrain.put("method", method), PretrainSpec.class, method);
        complete(linear, LinearSpec.class, method.equals("SimCLR") ? "SimCLR" : "MoCo");
        return resource;
    }

    /** A resource of a method with a value of every field that the method has. */
    static ObjectNode everyField(String method) throws IOException {
        ObjectNode resource = complete(method);
        YAMLMapper yaml = new YAMLMapper();
        yaml.readerForUpdating(resource.get("spec")).readValue(WITHOUT_DEFAULT);
        boolean simClr = method.equals("SimCLR");
        ObjectNode linear = (ObjectNode) resource.at("/spec/linear");
        linear.put("protocol", simClr ? "SimCLR" : "MoCo");
        if (!simClr) {
            linear.set("milestones", yaml.readTree("[60, 80]"));
            ObjectNode pretrain = (ObjectNode) resource.at("/spec/pretrain");
            pretrain.put("schedule", "Step").set("milestones", yaml.readTree("[30, 60]"));
            if (method.equals("MoCo")) {
                pretrain.set(
                        "from",
                        yaml.readTree("{file: s3://raw/a.pth, keyEncoder: true, queue: true, optimizer: true}"));
            } else {
                pretrain.put("groupImages", 32);
            }
        }
        return resource;
    }

    private static void complete(ObjectNode group, Class<?> record, String choice) {
        for (SpecField field : SpecField.of(record)) {
            JsonNode preset = field.chosen() == null ? null : field.chosen().preset(choice);
            if (preset != null) {
                String[] product = preset.asText().split(" \\* batchSize / ", -1);
                group.set(
                        field.name(),
                        product.length == 1
                                ? preset
                                : DoubleNode.valueOf(Double.parseDouble(product[0])
                                        * group.get("batchSize").intValue()
                                        / Integer.parseInt(product[1])));
            }
        }
    }

    private static void fill(JsonNode schema, JsonNode value) {
        schema.path("properties").propertyStream().forEach(property -> {
            JsonNode preset = property.getValue().get("default");
            if (preset != null && !value.has(property.getKey())) {
                ((ObjectNode) value).set(property.getKey(), preset.deepCopy());
            }
            if (value.has(property.getKey())) {
                fill(property.getValue(), value.get(property.getKey()));
            }
        });
    }

    private static JsonNode crd() {
        try {
            return new YAMLMapper().readTree(Crd.yaml());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
