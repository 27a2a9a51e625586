package dev.moco.localcluster;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.HTTPGetAction;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Probe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Runs an HTTP or TCP probe of a container periodically; other types of probes always succeed. */
final class ProbeLoop {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final Probe probe;
    private final Container container;
    private final Consumer<Boolean> result;
    private final ScheduledFuture<?> schedule;
    private int successes;
    private int failures;

    /** Starts the probe; the result is reported whenever its success or failure threshold is reached. */
    ProbeLoop(Probe probe, Container container, ScheduledExecutorService executor, Consumer<Boolean> result) {
        this.probe = probe;
        this.container = container;
        this.result = result;
        schedule = executor.scheduleWithFixedDelay(
                this::probe,
                Math.max(0, or(probe.getInitialDelaySeconds(), 0)) * 1000L + 200,
                or(probe.getPeriodSeconds(), 10) * 1000L,
                TimeUnit.MILLISECONDS);
    }

    void cancel() {
        schedule.cancel(false);
    }

    private void probe() {
        if (succeeds()) {
            successes++;
            failures = 0;
            if (successes >= or(probe.getSuccessThreshold(), 1)) {
                result.accept(true);
            }
        } else {
            failures++;
            successes = 0;
            if (failures >= or(probe.getFailureThreshold(), 3)) {
                result.accept(false);
            }
        }
    }

    private static int or(@Nullable Integer value, int unset) {
        return value == null ? unset : value;
    }

    private boolean succeeds() {
        int timeout = Math.max(1, or(probe.getTimeoutSeconds(), 1));
        try {
            if (probe.getHttpGet() != null) {
                HTTPGetAction get = probe.getHttpGet();
                String path = Optional.ofNullable(get.getPath()).orElse("/");
                HttpRequest request = HttpRequest.newBuilder(
                                URI.create("http://127.0.0.1:" + port(get.getPort()) + path))
                        .timeout(Duration.ofSeconds(timeout))
                        .build();
                int code = HTTP.send(request, HttpResponse.BodyHandlers.discarding())
                        .statusCode();
                return code >= 200 && code < 400;
            }
            if (probe.getTcpSocket() != null) {
                try (Socket socket = new Socket()) {
                    socket.connect(
                            new InetSocketAddress(
                                    InetAddress.getLoopbackAddress(),
                                    port(probe.getTcpSocket().getPort())),
                            timeout * 1000);
                    return socket.isConnected();
                }
            }
            return true;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private int port(IntOrString port) {
        if (port.getIntVal() != null) {
            return port.getIntVal();
        }
        return container.getPorts().stream()
                .filter(named -> port.getStrVal().equals(named.getName()))
                .mapToInt(ContainerPort::getContainerPort)
                .findFirst()
                .orElse(0);
    }
}
