package dev.moco.operator.resilience;

/** What goes wrong with one call of an operator, or at the time of it. */
enum CallFault {
    KILLED_BEFORE,
    KILLED_AFTER,
    CONFLICT,
    TOO_MANY_REQUESTS,
    SERVER_ERROR,
    SERVER_ERROR_BUT_APPLIED,
    CONNECTION_LOST,
    TIMEOUT_BUT_APPLIED,
    WATCH_DROPPED,
    STALE_CACHE;

    /** True if the process dies. */
    boolean kills() {
        return this == KILLED_BEFORE || this == KILLED_AFTER;
    }

    /** True if the server receives the call. */
    boolean applied() {
        return switch (this) {
            case KILLED_AFTER, SERVER_ERROR_BUT_APPLIED, TIMEOUT_BUT_APPLIED, WATCH_DROPPED, STALE_CACHE -> true;
            case KILLED_BEFORE, CONFLICT, TOO_MANY_REQUESTS, SERVER_ERROR, CONNECTION_LOST -> false;
        };
    }

    /** HTTP status of the answer; 200 passes on the server's own, 0 is none. */
    int answer() {
        return switch (this) {
            case CONFLICT -> 409;
            case TOO_MANY_REQUESTS -> 429;
            case SERVER_ERROR, SERVER_ERROR_BUT_APPLIED -> 500;
            case WATCH_DROPPED, STALE_CACHE -> 200;
            case KILLED_BEFORE, KILLED_AFTER, CONNECTION_LOST, TIMEOUT_BUT_APPLIED -> 0;
        };
    }
}
