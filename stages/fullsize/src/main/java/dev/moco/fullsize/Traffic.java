package dev.moco.fullsize;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts of requests and bytes since the start of a server. */
public final class Traffic {
    private final Map<String, LongAdder> requests = new ConcurrentHashMap<>();
    private final Set<Integer> ports = ConcurrentHashMap.newKeySet();
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicInteger mostInFlight = new AtomicInteger();
    private final LongAdder sent = new LongAdder();
    private final LongAdder received = new LongAdder();

    /** @param port port of the client's end of the connection */
    void begin(String kind, int port) {
        ports.add(port);
        requests.computeIfAbsent(kind, unused -> new LongAdder()).increment();
        mostInFlight.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
    }

    void end() {
        inFlight.decrementAndGet();
    }

    void sent(long bytes) {
        sent.add(bytes);
    }

    void received(long bytes) {
        received.add(bytes);
    }

    /** Number of requests by kind: GET, HEAD, LIST, PUT, POST, DELETE. */
    public Map<String, Long> requests() {
        Map<String, Long> counts = new TreeMap<>();
        requests.forEach((kind, count) -> counts.put(kind, count.sum()));
        return counts;
    }

    /** Number of connections, if the system gave each another port. */
    public int connections() {
        return ports.size();
    }

    public int mostInFlight() {
        return mostInFlight.get();
    }

    /** Bytes of bodies of answers. */
    public long sent() {
        return sent.sum();
    }

    /** Bytes of bodies of requests. */
    public long received() {
        return received.sum();
    }

    @Override
    public String toString() {
        return String.format(
                Locale.ROOT,
                "requests=%s connections=%d most_in_flight=%d sent_mb=%.1f received_mb=%.1f",
                requests(),
                connections(),
                mostInFlight(),
                sent() / 1e6,
                received() / 1e6);
    }
}
