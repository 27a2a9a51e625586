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

/** The audit log of an API server: every request, who sent it, and the answer. */
public final class AuditLog {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;

    public AuditLog(Path file) {
        this.file = file;
    }

    /** All events so far. */
    public List<AuditEvent> events() throws IOException {
        return events(event -> true);
    }

    /** Events that match, in the order of their answers. */
    public List<AuditEvent> events(Predicate<AuditEvent> wanted) throws IOException {
        List<AuditEvent> events = new ArrayList<>();
        if (!Files.exists(file)) {
            return events;
        }
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            String line = lines.readLine();
            while (line != null) {
                // The last line may be incomplete.
                if (line.endsWith("}")) {
                    add(line, wanted, events);
                }
                line = lines.readLine();
            }
        }
        return events;
    }

    private static void add(String line, Predicate<AuditEvent> wanted, List<AuditEvent> events) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(line);
        } catch (JsonEOFException e) {
            return; // incomplete, and cut at an inner brace
        }
        boolean watch = json.path("verb").asText().equals("watch");
        if (watch != json.path("stage").asText().equals("ResponseComplete")) {
            AuditEvent event = event(json);
            if (wanted.test(event)) {
                events.add(event);
            }
        }
    }

    /** Requests of a user since a moment. */
    public List<AuditEvent> events(String user, Instant since) throws IOException {
        return events(event -> event.user().equals(user) && !event.time().isBefore(since));
    }

    /** Requests of a ServiceAccount since a moment. */
    public List<AuditEvent> events(String namespace, String serviceAccount, Instant since) throws IOException {
        return events("system:serviceaccount:" + namespace + ":" + serviceAccount, since);
    }

    private static AuditEvent event(JsonNode event) {
        JsonNode object = event.path("objectRef");
        return new AuditEvent(
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
