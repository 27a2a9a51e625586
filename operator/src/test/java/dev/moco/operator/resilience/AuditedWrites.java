package dev.moco.operator.resilience;

import static org.awaitility.Awaitility.await;

import dev.moco.localcluster.AuditEvent;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Requests of a namespace's operators, from the audit log of the API server. */
final class AuditedWrites {
    private AuditedWrites() {}

    static List<AuditEvent> requests(RecordedNamespace recorded, Instant since) throws IOException {
        return recorded.cluster().auditLog().events(recorded.fixture().namespace(), RecordedNamespace.ACCOUNT, since);
    }

    static List<AuditEvent> of(RecordedNamespace recorded, Instant since) throws IOException {
        return requests(recorded, since).stream().filter(AuditEvent::write).toList();
    }

    /**
     * Waits for a time without writes, which begins late on a busy machine and never where writes go on; returns its
     * beginning.
     */
    static Instant awaitNone(RecordedNamespace recorded, Duration time) {
        Instant begin = Instant.now();
        await().atMost(Duration.ofMinutes(10))
                .pollInterval(Duration.ofSeconds(3))
                .until(() -> begin.plus(time).isBefore(Instant.now())
                        && of(recorded, Instant.now().minus(time)).isEmpty());
        return Instant.now().minus(time);
    }

    /** Number of requests of each kind, such as {@code patch jobs}; refused ones have their code behind. */
    static Map<String, Long> kinds(List<AuditEvent> events) {
        return events.stream()
                .collect(Collectors.groupingBy(
                        event -> event.verb() + " " + event.resource()
                                + (event.subresource().isEmpty() ? "" : "/" + event.subresource())
                                + (event.code() < 300 ? "" : " answered " + event.code()),
                        TreeMap::new,
                        Collectors.counting()));
    }
}
