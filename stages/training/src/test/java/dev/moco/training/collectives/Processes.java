package dev.moco.training.collectives;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import dev.moco.training.engine.TorchEngine;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/** Processes of a world as threads of the test, with connections as real ones have. */
public final class Processes {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

    private Processes() {}

    /** Work of one process, with arrays that end with it. */
    public interface ProcessWork<T> {
        T run(Collectives collectives, NDManager scope) throws Exception;
    }

    /** Returns the results of all processes, by their number, or throws the first's failure once all have ended. */
    public static <T> List<T> of(int size, ProcessWork<T> work) throws Exception {
        List<T> results = new ArrayList<>();
        List<ExecutionException> failures = new ArrayList<>();
        for (Future<T> result : start(size, work)) {
            try {
                results.add(result.get());
            } catch (ExecutionException e) {
                failures.add(e);
            }
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        return results;
    }

    /** Starts all processes. */
    static <T> List<Future<T>> start(int size, ProcessWork<T> work) {
        return start(size, sockets -> sockets, work);
    }

    /**
     * Starts all processes.
     *
     * @param over collectives that use those over sockets
     */
    static <T> List<Future<T>> start(int size, UnaryOperator<Collectives> over, ProcessWork<T> work) {
        TorchEngine.start(1, Device.cpu()).close();
        Credential credential = Credential.draw();
        List<ServerSocketChannel> listening = new ArrayList<>();
        for (int index = 0; index < size; index++) {
            listening.add(Ring.listen(LOOPBACK));
        }
        ExecutorService threads = Executors.newFixedThreadPool(size);
        List<Future<T>> results = new ArrayList<>();
        for (int index = 0; index < size; index++) {
            World world = new World(index, size);
            InetSocketAddress after = new InetSocketAddress(LOOPBACK, Ring.port(listening.get((index + 1) % size)));
            results.add(threads.submit(() -> {
                TorchEngine.enter();
                try (ServerSocketChannel own = listening.get(world.index());
                        Collectives collectives = over.apply(
                                size == 1
                                        ? Collectives.ALONE
                                        : new SocketCollectives(world, Ring.connect(world, credential, own, after)));
                        NDManager scope = NDManager.newBaseManager(Device.cpu(), "PyTorch")) {
                    return work.run(collectives, scope);
                }
            }));
        }
        threads.shutdown();
        return results;
    }
}
