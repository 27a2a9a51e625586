package dev.moco.operator.reconcile;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventList;
import io.fabric8.kubernetes.api.model.ListOptions;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Newest warning events of Jobs, which say why the Job controller cannot create their pods. Events are listed only while
 * a Job has no pod, and those of a namespace at most every {@link #INTERVAL}, for all its Jobs together.
 */
final class JobWarnings {
    static final Duration INTERVAL = Duration.ofSeconds(15);

    private static final Logger LOG = LoggerFactory.getLogger(JobWarnings.class);
    private static final String SELECTOR = "involvedObject.kind=Job,type=Warning";
    private static final Duration FORGOTTEN = INTERVAL.multipliedBy(10);
    private static final long PAGE = 500;
    /** A namespace with more events has worse problems. */
    private static final int PAGES = 10;
    /** Clocks of the control plane and the nodes may differ by as much. */
    private static final Duration SKEW = Duration.ofMinutes(1);

    private final KubernetesClient client;
    private final Clock clock;
    private final Map<String, ListedWarnings> listings = new ConcurrentHashMap<>();

    JobWarnings(KubernetesClient client, Clock clock) {
        this.client = client;
        this.clock = clock;
    }

    /** Newest warnings of a namespace's Jobs by the Job's uid. */
    private record ListedWarnings(Instant listed, Map<String, Warning> newest) {}

    private record Warning(Instant time, String text) {}

    /** Text of the newest warning about a Job since a time; empty if there is none. */
    Optional<String> newest(Job job, Instant since) {
        return Optional.ofNullable(newest(job.getMetadata().getNamespace())
                        .get(job.getMetadata().getUid()))
                .filter(warning -> !warning.time().isBefore(since.minus(SKEW)))
                .map(Warning::text);
    }

    private Map<String, Warning> newest(String namespace) {
        Instant now = clock.instant();
        ListedWarnings last = listings.get(namespace);
        if (last != null && now.isBefore(last.listed().plus(INTERVAL))) {
            return last.newest();
        }
        // Only one thread lists; others use the last listing meanwhile.
        ListedWarnings claimed = new ListedWarnings(now, last == null ? Map.of() : last.newest());
        boolean claims = last == null
                ? listings.putIfAbsent(namespace, claimed) == null
                : listings.replace(namespace, last, claimed);
        if (!claims) {
            return claimed.newest();
        }
        listings.values().removeIf(other -> now.isAfter(other.listed().plus(FORGOTTEN)));
        Map<String, Warning> newest = list(namespace);
        listings.put(namespace, new ListedWarnings(now, newest));
        return newest;
    }

    private Map<String, Warning> list(String namespace) {
        Map<String, Warning> newest = new HashMap<>();
        ListOptions page = new ListOptionsBuilder()
                .withFieldSelector(SELECTOR)
                .withLimit(PAGE)
                .build();
        try {
            for (int i = 0; i < PAGES; i++) {
                EventList events = client.v1().events().inNamespace(namespace).list(page);
                events.getItems().forEach(event -> add(newest, event));
                @Nullable String more = events.getMetadata().getContinue();
                if (more == null || more.isEmpty()) {
                    break;
                }
                page.setContinue(more);
            }
        } catch (KubernetesClientException e) {
            LOG.warn("events of namespace={} not listed: {}", namespace, e.getMessage());
        }
        return newest;
    }

    private static void add(Map<String, Warning> newest, Event event) {
        @Nullable String uid = event.getInvolvedObject().getUid();
        if (uid == null) {
            return;
        }
        time(event)
                .ifPresent(time -> newest.merge(
                        uid,
                        new Warning(time, text(event)),
                        (one, other) -> one.time().isAfter(other.time()) ? one : other));
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
        String message = event.getMessage() == null ? "" : event.getMessage().strip();
        if (!"FailedCreate".equals(event.getReason())) {
            return event.getReason() + ": " + message;
        }
        String job = event.getInvolvedObject().getName();
        return "no pod of it can be created: "
                + message.replaceFirst("^(\\(combined from similar events\\): )?Error creating: ", "")
                        .replaceFirst("\"" + Pattern.quote(job) + "-[a-z0-9-]*\"", "\"" + job + "\"");
    }
}
