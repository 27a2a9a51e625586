package dev.moco.localcluster;

import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What the API server was asked, by whom, and what it answered. */
public final class AuditLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    public AuditLog(Path file) {
        this.file = file;
    }

    /**
     * One answered request; a watch counts once, when it starts.
     *
     * @param time when it was answered
     * @param user such as {@code system:serviceaccount:moco-system:moco-operator}
     * @param verb of RBAC: get, list, watch, create, update, patch, delete, deletecollection
     * @param group API group; empty for the core
     * @param resource plural; empty for a path that is none
     * @param subresource such as {@code status}; empty without
     * @param namespace empty for the cluster
     * @param name empty for a list
     * @param code HTTP status, 403 where RBAC refused
     * @param agent the client's user agent
     * @param uri path and query
     */
    public record Event(
            Instant time,
            String user,
            String verb,
            String group,
            String resource,
            String subresource,
            String namespace,
            String name,
            int code,
            String agent,
            String uri) {
        /** Whether it was to change something. */
        public boolean write() {
            return !List.of("get", "list", "watch").contains(verb);
        }
    }

    /** Everything so far. */
    public List<Event> events() throws IOException {
        return events(event -> true);
    }

    /** What fits, in the order of the answers. */
    public List<Event> events(Predicate<Event> wanted) throws IOException {
        List<Event> events = new ArrayList<>();
        if (!Files.exists(file)) {
            return events;
        }
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            String line = lines.readLine();
            while (line != null) {
                // The last one may be half written.
                if (line.endsWith("}")) {
                    add(line, wanted, events);
                }
                line = lines.readLine();
            }
        }
        return events;
    }

    private static void add(String line, Predicate<Event> wanted, List<Event> events) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(line);
        } catch (JsonEOFException e) {
            return; // half written, and cut at an inner brace
        }
        boolean watch = json.path("verb").asText().equals("watch");
        if (watch != json.path("stage").asText().equals("ResponseComplete")) {
            Event event = event(json);
            if (wanted.test(event)) {
                events.add(event);
            }
        }
    }

    /** What a user asked since a moment. */
    public List<Event> events(String user, Instant since) throws IOException {
        return events(event -> event.user().equals(user) && !event.time().isBefore(since));
    }

    /** What a ServiceAccount asked since a moment. */
    public List<Event> events(String namespace, String serviceAccount, Instant since) throws IOException {
        return events("system:serviceaccount:" + namespace + ":" + serviceAccount, since);
    }

    private static Event event(JsonNode event) {
        JsonNode object = event.path("objectRef");
        return new Event(
                Instant.parse(event.path("stageTimestamp").asText()),
                event.path("user").path("username").asText(),
                event.path("verb").asText(),
                object.path("apiGroup").asText(),
                object.path("resource").asText(),
                object.path("subresource").asText(),
                object.path("namespace").asText(),
                object.path("name").asText(),
                event.path("responseStatus").path("code").asInt(),
                event.path("userAgent").asText(),
                event.path("requestURI").asText());
    }
}
