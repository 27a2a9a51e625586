package dev.moco.training.data.shards;

import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Threads that read remote indices and ranges of shards, a request each; they end when nothing is read. */
public final class RangeThreads {
    /**
     * Requests in progress for each processor: with 40 ms a request, a processor gets 800 samples a second, which is more
     * than it decodes.
     */
    private static final int FOR_EACH_PROCESSOR = 32;

    /** Most requests in progress, of all splits; as many connections are kept open. */
    static final int MAX = 256;

    private static final int IDLE_SECONDS = 10;

    /** Requests in progress at most. */
    static final int REQUESTS =
            Math.min(MAX, FOR_EACH_PROCESSOR * Runtime.getRuntime().availableProcessors());

    private static final ThreadPoolExecutor POOL = pool();

    private RangeThreads() {}

    static Executor executor() {
        return POOL;
    }

    /**
     * Lets the JDK's HTTP client keep a connection for each request; it keeps five by default, and the others would begin with
     * a handshake. Called before its first request.
     */
    public static void keepConnections() {
        if (System.getProperty("http.maxConnections") == null) {
            System.setProperty("http.maxConnections", Integer.toString(MAX));
        }
    }

    private static ThreadPoolExecutor pool() {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(
                REQUESTS, REQUESTS, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "range-reader");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }
}
