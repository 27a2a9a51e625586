package dev.moco.operator.cli;

import dev.moco.contract.StageFailure;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Signals that ask this process to stop: Ctrl-C, a closed terminal, {@code kill}. The first one is a request, which the
 * command answers in its own time; then Ctrl-C ends the process at once, and the others change nothing: a shell and the
 * kernel each send one when a terminal is closed. Until closed; then signals do what they did before.
 *
 * <p>Ctrl-C reaches the stages as well, as every process of the terminal; they end as they do for {@code SIGTERM}.
 */
final class StopSignals implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StopSignals.class);
    private static final String CTRL_C = "INT";
    private static final List<String> NAMES = List.of(CTRL_C, "TERM", "HUP");

    /** Exit code of a process that Ctrl-C has ended, in shells. */
    private static final int LEFT_AT_ONCE = 130;

    private final AtomicBoolean requested = new AtomicBoolean();
    private final Map<String, Object> before = new HashMap<>();

    private StopSignals() {}

    /**
     * Listens from now on.
     *
     * @param first runs after the first signal, in a thread of its own
     */
    static StopSignals listen(Runnable first) {
        StopSignals signals = new StopSignals();
        for (String name : NAMES) {
            signals.before.put(name, handle(name, handler(() -> signals.received(name, first))));
        }
        return signals;
    }

    private void received(String name, Runnable first) {
        if (!requested.getAndSet(true)) {
            first.run();
        } else if (name.equals(CTRL_C)) {
            // Stages end with this process, as their standard input closes.
            Runtime.getRuntime().halt(LEFT_AT_ONCE);
        }
    }

    /** Set once a signal has come. */
    AtomicBoolean requested() {
        return requested;
    }

    @Override
    public void close() {
        before.forEach(StopSignals::handle);
    }

    // By reflection, as the compiler warns of these classes, which every JDK has, and its warning cannot be suppressed.

    private static Object handler(Runnable received) {
        InvocationHandler calls = (proxy, method, arguments) -> {
            if (method.getDeclaringClass() == Object.class) {
                return switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    default -> "StopSignals";
                };
            }
            received.run();
            return null;
        };
        try {
            return Proxy.newProxyInstance(
                    StopSignals.class.getClassLoader(),
                    new Class<?>[] {Class.forName("sun.misc.SignalHandler")},
                    calls);
        } catch (ClassNotFoundException e) {
            throw StageFailure.fault("this Java runtime has no module jdk.unsupported, which Ctrl-C needs", e);
        }
    }

    /** Sets the handler of a signal and returns the one before. A signal that is ignored, as by nohup, stays so. */
    private static Object handle(String name, Object handler) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            return signal.getMethod("handle", signal, Class.forName("sun.misc.SignalHandler"))
                    .invoke(null, signal.getConstructor(String.class).newInstance(name), handler);
        } catch (ReflectiveOperationException e) {
            LOG.debug("signal {} is not handled", name, e);
            return handler;
        }
    }
}
