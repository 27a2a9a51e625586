package dev.moco.operator.resilience;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.fabric8.zjsonpatch.JsonPatch;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An API server in memory, for the requests of an operator: optimistic locking, status subresources, generations,
 * selectors, preconditions, deletion in the foreground. It has no admission, no defaults and no validation.
 */
final class MemoryApi {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, String> KINDS = Map.of(
            "jobs", "Job",
            "pods", "Pod",
            "secrets", "Secret",
            "events", "Event",
            "mocoexperiments", "MoCoExperiment");

    private final Clock clock;
    private final Map<String, ObjectNode> objects = new TreeMap<>();
    private final List<Change> history = new ArrayList<>();
    private final List<Consumer<Change>> listeners = new ArrayList<>();
    private long version;

    MemoryApi(Clock clock) {
        this.clock = clock;
    }

    /** A request; the path has no query. */
    record ApiRequest(String method, String path, Map<String, String> query, String contentType, String body) {}

    record ApiAnswer(int status, String body) {}

    /** A change of an object: ADDED, MODIFIED or DELETED. */
    record Change(long version, String type, String collection, ObjectNode object) {}

    /**
     * A path of an object or a collection.
     *
     * @param collection path of the collection in all namespaces
     */
    record Place(String collection, String plural, String namespace, String name, String subresource) {
        static Place of(String path) {
            List<String> parts = new ArrayList<>(Arrays.asList(path.substring(1).split("/", -1)));
            String group = String.join("/", parts.subList(0, parts.get(0).equals("api") ? 2 : 3));
            List<String> rest = parts.subList(parts.get(0).equals("api") ? 2 : 3, parts.size());
            String namespace = "";
            if (rest.get(0).equals("namespaces") && rest.size() > 2) {
                namespace = rest.get(1);
                rest = rest.subList(2, rest.size());
            }
            return new Place(
                    "/" + group + "/" + rest.get(0),
                    rest.get(0),
                    namespace,
                    rest.size() > 1 ? rest.get(1) : "",
                    rest.size() > 2 ? rest.get(2) : "");
        }

        String key() {
            return collection + "/" + namespace + "/" + name;
        }
    }

    /** Registers a listener of all changes, which are given to it in their order. */
    synchronized void listen(Consumer<Change> listener) {
        listeners.add(listener);
    }

    synchronized void clear() {
        objects.clear();
        history.clear();
        listeners.clear();
    }

    /** Changes of a collection after a version. */
    synchronized List<Change> since(long after, String collection) {
        return history.stream()
                .filter(change ->
                        change.version() > after && change.collection().equals(collection))
                .toList();
    }

    synchronized ApiAnswer handle(ApiRequest request) {
        Place place = Place.of(request.path());
        return switch (request.method()) {
            case "GET" -> place.name().isEmpty() ? list(place, request.query()) : get(place);
            case "POST" -> place.subresource().equals("eviction") ? evict(place) : create(place, read(request.body()));
            case "PUT" -> update(place, read(request.body()));
            case "PATCH" -> patch(place, request);
            case "DELETE" -> delete(place, request.body().isBlank() ? JSON.createObjectNode() : read(request.body()));
            default -> status(405, "MethodNotAllowed", request.method());
        };
    }

    /** Objects of a collection whose labels and fields match the selectors of a query. */
    private ApiAnswer list(Place place, Map<String, String> query) {
        ObjectNode list = JSON.createObjectNode();
        String group = place.collection().substring(1, place.collection().lastIndexOf('/'));
        list.put("apiVersion", group.replaceFirst("^apis?/", ""));
        list.put("kind", KINDS.get(place.plural()) + "List");
        list.putObject("metadata").put("resourceVersion", Long.toString(version));
        ArrayNode items = list.putArray("items");
        objects.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(place.collection() + "/"))
                .map(Map.Entry::getValue)
                .filter(object -> selected(object, place.namespace(), query))
                .forEach(items::add);
        return new ApiAnswer(200, list.toString());
    }

    static boolean selected(ObjectNode object, String namespace, Map<String, String> query) {
        return (namespace.isEmpty()
                        || namespace.equals(object.at("/metadata/namespace").asText()))
                && terms(query.get("labelSelector"))
                        .allMatch(term -> object.path("metadata")
                                .path("labels")
                                .path(term[0])
                                .asText()
                                .equals(term[1]))
                && terms(query.get("fieldSelector"))
                        .allMatch(term -> object.at("/" + term[0].replace('.', '/'))
                                .asText()
                                .equals(term[1]));
    }

    private static Stream<String[]> terms(String selector) {
        return selector == null || selector.isEmpty()
                ? Stream.empty()
                : Arrays.stream(selector.split(",", -1)).map(term -> term.split("==?", 2));
    }

    private ApiAnswer get(Place place) {
        return found(place).map(object -> new ApiAnswer(200, object.toString())).orElseGet(() -> missing(place));
    }

    private Optional<ObjectNode> found(Place place) {
        return Optional.ofNullable(objects.get(place.key()));
    }

    private ApiAnswer create(Place place, ObjectNode object) {
        ObjectNode meta = object.withObject("/metadata");
        meta.put("namespace", place.namespace());
        Place at = new Place(
                place.collection(),
                place.plural(),
                place.namespace(),
                meta.path("name").asText(),
                "");
        if (found(at).isPresent()) {
            return status(409, "AlreadyExists", place.plural() + " \"" + at.name() + "\" already exists");
        }
        meta.put("uid", at.plural() + "-" + (version + 1));
        meta.put("creationTimestamp", now());
        meta.put("generation", 1);
        save("ADDED", at, object);
        return new ApiAnswer(201, object.toString());
    }

    private ApiAnswer update(Place place, ObjectNode desired) {
        ObjectNode before = found(place).orElse(null);
        if (before == null) {
            return missing(place);
        }
        String expected = desired.at("/metadata/resourceVersion").asText();
        if (!expected.isEmpty()
                && !expected.equals(before.at("/metadata/resourceVersion").asText())) {
            return status(409, "Conflict", "the object has been modified");
        }
        ObjectNode after;
        if (place.subresource().equals("status")) {
            after = before.deepCopy();
            after.set("status", desired.path("status").deepCopy());
        } else {
            after = desired.deepCopy();
            after.set("status", before.path("status").deepCopy());
        }
        return replace(place, before, after);
    }

    private ApiAnswer replace(Place place, ObjectNode before, ObjectNode after) {
        if (after.equals(before)) {
            return new ApiAnswer(200, before.toString());
        }
        if (!after.path("spec").equals(before.path("spec"))) {
            ObjectNode meta = after.withObject("/metadata");
            meta.put("generation", meta.path("generation").asLong() + 1);
        }
        boolean gone = after.at("/metadata/deletionTimestamp").isTextual()
                && after.at("/metadata/finalizers").isEmpty();
        save(gone ? "DELETED" : "MODIFIED", place, after);
        return new ApiAnswer(200, after.toString());
    }

    private ApiAnswer patch(Place place, ApiRequest request) {
        ObjectNode before = found(place).orElse(null);
        if (before == null) {
            return missing(place);
        }
        ObjectNode after;
        if (request.contentType().startsWith("application/json-patch")) {
            after = (ObjectNode) JsonPatch.apply(tree(request.body()), before);
        } else {
            after = before.deepCopy();
            merge(after, read(request.body()));
        }
        return replace(place, before, after);
    }

    private static void merge(ObjectNode target, ObjectNode patch) {
        patch.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (value.isNull()) {
                target.remove(field.getKey());
            } else if (value instanceof ObjectNode object && target.get(field.getKey()) instanceof ObjectNode old) {
                merge(old, object);
            } else {
                target.set(field.getKey(), value);
            }
        });
    }

    private ApiAnswer delete(Place place, ObjectNode options) {
        ObjectNode before = found(place).orElse(null);
        if (before == null) {
            return missing(place);
        }
        String uid = options.at("/preconditions/uid").asText();
        if (!uid.isEmpty() && !uid.equals(before.at("/metadata/uid").asText())) {
            return status(409, "Conflict", "the uid in the precondition is another one");
        }
        ObjectNode after = before.deepCopy();
        if (options.path("propagationPolicy").asText().equals("Foreground")) {
            after.withObject("/metadata").withArray("finalizers").add("foregroundDeletion");
        }
        return terminate(place, before, after);
    }

    /** A pod is removed by its node, and a Job with pods by the garbage collector. */
    private ApiAnswer terminate(Place place, ObjectNode before, ObjectNode after) {
        if (before.at("/metadata/deletionTimestamp").isTextual()) {
            return new ApiAnswer(200, before.toString());
        }
        if (place.plural().equals("pods")) {
            after.withObject("/metadata").withArray("finalizers").add("node");
        }
        after.withObject("/metadata").put("deletionTimestamp", now());
        return replace(place, before, after);
    }

    private ApiAnswer evict(Place place) {
        Place pod = new Place(place.collection(), place.plural(), place.namespace(), place.name(), "");
        ObjectNode before = found(pod).orElse(null);
        return before == null ? missing(place) : terminate(pod, before, before.deepCopy());
    }

    private void save(String type, Place place, ObjectNode object) {
        object.withObject("/metadata").put("resourceVersion", Long.toString(++version));
        if (type.equals("DELETED")) {
            objects.remove(place.key());
        } else {
            objects.put(place.key(), object);
        }
        Change change = new Change(version, type, place.collection(), object.deepCopy());
        history.add(change);
        listeners.forEach(listener -> listener.accept(change));
    }

    private String now() {
        return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static ApiAnswer missing(Place place) {
        return status(404, "NotFound", place.plural() + " \"" + place.name() + "\" not found");
    }

    static ApiAnswer status(int code, String reason, String message) {
        ObjectNode status = JSON.createObjectNode();
        status.put("apiVersion", "v1").put("kind", "Status").put("status", "Failure");
        status.put("reason", reason).put("message", message).put("code", code);
        return new ApiAnswer(code, status.toString());
    }

    private static ObjectNode read(String body) {
        return (ObjectNode) tree(body);
    }

    private static JsonNode tree(String body) {
        try {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(body, e);
        }
    }

    /** All objects of a collection. */
    synchronized List<ObjectNode> all(String collection) {
        return objects.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(collection + "/"))
                .map(entry -> entry.getValue().deepCopy())
                .collect(Collectors.toList());
    }
}
