package dev.moco.operator.cluster;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

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
        List<Event> events = new ArrayList<>();
        if (!Files.exists(file)) {
            return events;
        }
        String text = Files.readString(file, StandardCharsets.UTF_8);
        // The last line may be half written.
        for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            JsonNode event = JSON.readTree(line);
            boolean watch = event.path("verb").asText().equals("watch");
            if (watch != event.path("stage").asText().equals("ResponseComplete")) {
                events.add(event(event));
            }
        }
        return events;
    }

    /** What a user asked since a moment. */
    public List<Event> events(String user, Instant since) throws IOException {
        return events().stream()
                .filter(event -> event.user().equals(user) && !event.time().isBefore(since))
                .toList();
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
