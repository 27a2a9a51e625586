package dev.moco.operator.reconcile;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Newest warning events of Jobs, which say why the Job controller cannot create their pods. Events are listed only while
 * a Job has no pod: those of a Job at most every {@link #INTERVAL}, and of one Job of a namespace a second. Anyone may
 * write events about a Job, as large as the API server takes, so few are read and little of their text is kept.
 */
final class JobWarnings {
    static final Duration INTERVAL = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(JobWarnings.class);
    private static final String SELECTOR = "involvedObject.kind=Job,type=Warning,involvedObject.uid=";
    private static final Duration NAMESPACE_INTERVAL = Duration.ofSeconds(1);
    private static final Duration FORGOTTEN = Duration.ofMinutes(10);
    /** The Job controller writes a few, which it counts up. */
    private static final long EVENTS = 8;

    private static final int TEXT_LENGTH = 1024;
    /** Clocks of the control plane and the nodes may differ by as much. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final Clock clock;
    private final Map<String, ListedWarning> listings = new ConcurrentHashMap<>();
    private final Map<String, Instant> namespaces = new ConcurrentHashMap<>();

    JobWarnings(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /** Newest warning about a Job when its events were listed. */
    private record ListedWarning(Instant listed, Optional<Warning> newest) {}

    private record Warning(Instant time, String text) {}

    /** Text of the newest warning about a Job since a time; empty if there is none. */
    Optional<String> newest(Job job, Instant since) {
        return newest(job)
                .filter(warning -> !warning.time().isBefore(since.minus(SKEW)))
                .map(Warning::text);
    }

    private Optional<Warning> newest(Job job) {
        Instant now = clock.instant();
        String uid = job.getMetadata().getUid();
        ListedWarning last = listings.get(uid);
        boolean recent = last != null && now.isBefore(last.listed().plus(INTERVAL));
        if (recent || !begins(job.getMetadata().getNamespace(), now)) {
            return last == null ? Optional.empty() : last.newest();
        }
        listings.values().removeIf(other -> now.isAfter(other.listed().plus(FORGOTTEN)));
        Optional<Warning> newest = list(job.getMetadata().getNamespace(), uid);
        listings.put(uid, new ListedWarning(now, newest));
        return newest;
    }

    /** False within {@link #NAMESPACE_INTERVAL} of the last listing in a namespace. */
    private boolean begins(String namespace, Instant now) {
        namespaces.values().removeIf(last -> now.isAfter(last.plus(FORGOTTEN)));
        Instant last = namespaces.get(namespace);
        if (last == null) {
            return namespaces.putIfAbsent(namespace, now) == null;
        }
        return !now.isBefore(last.plus(NAMESPACE_INTERVAL)) && namespaces.replace(namespace, last, now);
    }

    private Optional<Warning> list(String namespace, String uid) {
        ListOptions few = new ListOptionsBuilder()
                .withFieldSelector(SELECTOR + uid)
                .withLimit(EVENTS)
                .build();
        try {
            return latest(client.v1().events().inNamespace(namespace).list(few).getItems());
        } catch (KubernetesClientException e) {
            LOG.warn("events of namespace={} not listed: {}", namespace, e.getMessage());
            return Optional.empty();
        }
    }

    /** Text of the event that occurred last. */
    static Optional<String> newest(List<Event> events) {
        return latest(events).map(Warning::text);
    }

    private static Optional<Warning> latest(List<Event> events) {
        return events.stream()
                .flatMap(event -> time(event).map(time -> new Warning(time, text(event))).stream())
                .max(Comparator.comparing(Warning::time));
    }

    /** Time of the last occurrence; which field has it depends on the library that wrote the event. */
    private static Optional<Instant> time(Event event) {
        return Stream.of(
                        Stream.ofNullable(event.getLastTimestamp()),
                        Stream.ofNullable(event.getSeries())
                                .flatMap(series -> Stream.ofNullable(series.getLastObservedTime()))
                                .flatMap(time -> Stream.ofNullable(time.getTime())),
                        Stream.ofNullable(event.getEventTime()).flatMap(time -> Stream.ofNullable(time.getTime())),
                        Stream.ofNullable(event.getMetadata().getCreationTimestamp()))
                .flatMap(times -> times)
                .findFirst()
                .map(Instant::parse);
    }

    /** The message; that of a refused pod without the pod's random suffix, so that it is the same for each attempt. */
    static String text(Event event) {
        String whole = event.getMessage() == null ? "" : event.getMessage();
        String message =
                whole.substring(0, Math.min(TEXT_LENGTH, whole.length())).strip();
        if (!"FailedCreate".equals(event.getReason())) {
            return event.getReason() + ": " + message;
        }
        String job = event.getInvolvedObject().getName();
        return "no pod of it can be created: "
                + message.replaceFirst("^(\\(combined from similar events\\): )?Error creating: ", "")
                        .replaceFirst("\"" + Pattern.quote(job) + "-[a-z0-9-]*\"", "\"" + job + "\"");
    }
}
