package dev.moco.training.collectives;

/** Last times at which a process was heard, and went on, as of {@link System#nanoTime}. */
final class Signs {
    private boolean joined;
    private long lastHeard = System.nanoTime();
    private long lastProgress = lastHeard;
    private long activity;

    synchronized void join() {
        joined = true;
        hear(activity);
        lastProgress = lastHeard;
    }

    /** @param newActivity number that changes while the process goes on */
    synchronized void hear(long newActivity) {
        lastHeard = System.nanoTime();
        if (newActivity != activity) {
            activity = newActivity;
            lastProgress = lastHeard;
        }
    }

    /** Leaves out a time in which nobody heard the process. */
    synchronized void leaveOut(long nanos) {
        lastHeard += nanos;
        lastProgress += nanos;
    }

    synchronized boolean joined() {
        return joined;
    }

    synchronized long lastHeard() {
        return lastHeard;
    }

    synchronized long lastProgress() {
        return lastProgress;
    }
}
