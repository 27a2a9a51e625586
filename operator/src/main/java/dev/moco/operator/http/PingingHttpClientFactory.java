package dev.moco.operator.http;

import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.net.http.HttpClient;
import java.time.Duration;

/**
 * The Kubernetes client's HTTP client of the JDK, whose web sockets are pinged.
 *
 * <p>A watch is a web socket that may be silent for minutes. If its connection is lost without a word, as behind a load
 * balancer that forgets it, nobody learns that it has ended; the JDK's own client also loses the end of a connection that
 * comes right after a message. Such a watch would miss events until the Kubernetes client renews it after five to
 * ten minutes.
 */
public final class PingingHttpClientFactory extends JdkHttpClientFactory {
    private final Duration interval;
    private final Duration silence;

    /**
     * Pings every 15 seconds; a connection without an answer or a message for 90 seconds has ended. An API server sends a
     * bookmark every 60 to 75 seconds, so that a watch goes on through a proxy that answers no pings.
     */
    public PingingHttpClientFactory() {
        this(Duration.ofSeconds(15), Duration.ofSeconds(90));
    }

    /**
     * Creates a factory.
     *
     * @param interval time between two pings
     * @param silence time without an answer or a message after which a connection has ended
     */
    PingingHttpClientFactory(Duration interval, Duration silence) {
        this.interval = interval;
        this.silence = silence;
    }

    @Override
    protected HttpClient.Builder createNewHttpClientBuilder() {
        return new PingingHttpClientBuilder(super.createNewHttpClientBuilder(), interval, silence);
    }
}
