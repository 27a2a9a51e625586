package dev.moco.training.data.loader;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** Threads that prepare batches; they end with the process, should nobody close them. */
final class LoaderThreads {
    private LoaderThreads() {}

    static ExecutorService start(int threads) {
        ThreadFactory daemons = task -> {
            Thread thread = new Thread(task, "loader");
            thread.setDaemon(true);
            return thread;
        };
        return Executors.newFixedThreadPool(threads, daemons);
    }
}
