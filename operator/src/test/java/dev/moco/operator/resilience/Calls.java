package dev.moco.operator.resilience;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The calls of operators to the API server and to stores, in their order; one of them may go wrong. */
final class Calls {
    private final Optional<Disturbance> disturbance;
    private final Map<String, Integer> counts = new HashMap<>();
    private final List<Call> made = new ArrayList<>();
    private boolean reached;

    /**
     * A call, such as the second read of an object.
     *
     * @param what method and object
     * @param occurrence number of this call among equal ones, from 1
     */
    record Call(String what, int occurrence) {}

    record Disturbance(Call call, CallFault fault) {}

    /** A process that makes calls. */
    interface Caller {
        boolean alive();

        void kill();

        /** Its watches end; later it lists again. */
        void dropWatches();

        /** Its watches are silent for a while, and then report everything. */
        void delayWatches();
    }

    /** A request to a server; it returns the server's answer. */
    interface Sent<T> {
        T send() throws IOException;
    }

    /** Makes the answer of an HTTP status. */
    interface ErrorAnswer<T> {
        T answer(int status) throws IOException;
    }

    Calls(Optional<Disturbance> disturbance) {
        this.disturbance = disturbance;
    }

    /** Makes a call for a process, unless the process is dead or the call is the one that goes wrong. */
    <T> T call(Caller caller, String what, Sent<T> request, ErrorAnswer<T> refusal) throws IOException {
        if (!caller.alive()) {
            throw new IOException("the process was killed");
        }
        Call call = new Call(what, counts.merge(what, 1, Integer::sum));
        made.add(call);
        if (disturbance.isEmpty() || !disturbance.get().call().equals(call)) {
            return request.send();
        }
        reached = true;
        CallFault fault = disturbance.get().fault();
        switch (fault) {
            case WATCH_DROPPED -> caller.dropWatches();
            case STALE_CACHE -> caller.delayWatches();
            default -> {}
        }
        Optional<T> answer = fault.applied() ? Optional.of(request.send()) : Optional.empty();
        if (fault.kills()) {
            caller.kill();
        }
        return switch (fault.answer()) {
            case 200 -> answer.orElseThrow();
            case 0 -> throw new IOException("no answer");
            default -> refusal.answer(fault.answer());
        };
    }

    /** True if the call that goes wrong was made. */
    boolean reached() {
        return reached;
    }

    List<Call> made() {
        return List.copyOf(made);
    }
}
