package dev.moco.operator.resilience;

import dev.moco.operator.resilience.MemoryApi.ApiAnswer;
import dev.moco.operator.resilience.MemoryApi.ApiRequest;
import dev.moco.operator.resilience.MemoryApi.Change;
import dev.moco.operator.resilience.MemoryApi.Place;
import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpClient;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.StandardHttpClient;
import io.fabric8.kubernetes.client.http.StandardHttpClientBuilder;
import io.fabric8.kubernetes.client.http.StandardHttpHeaders;
import io.fabric8.kubernetes.client.http.StandardHttpRequest;
import io.fabric8.kubernetes.client.http.StandardWebSocketBuilder;
import io.fabric8.kubernetes.client.http.WebSocket;
import io.fabric8.kubernetes.client.http.WebSocketResponse;
import io.fabric8.kubernetes.client.http.WebSocketUpgradeResponse;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The connection of one process to a {@link MemoryApi}, below the Kubernetes client: requests and watches. */
final class MemoryHttp implements HttpClient.Factory {
    private static final Duration LATENCY = Duration.ofMillis(10);

    private final MemoryApi api;
    private final VirtualTime time;
    private final Calls calls;
    private final Calls.Caller caller;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private Instant silentUntil = Instant.MIN;

    MemoryHttp(MemoryApi api, VirtualTime time, Calls calls, Calls.Caller caller) {
        this.api = api;
        this.time = time;
        this.calls = calls;
        this.caller = caller;
        api.listen(this::publish);
    }

    /** Number of open watches. */
    int watches() {
        return watches.size();
    }

    /** Delays what watches report from now on; nothing is lost. */
    void delay(Duration silence) {
        silentUntil = time.now().plus(silence);
    }

    /** Ends all watches as the server does whose history is too short: what they have not reported is lost. */
    void expire() {
        String gone =
                MemoryApi.status(410, "Expired", "too old resource version").body();
        for (Watch watch : List.copyOf(watches)) {
            watches.remove(watch);
            watch.listener.onMessage(watch, "{\"type\":\"ERROR\",\"object\":" + gone + "}");
        }
    }

    private void publish(Change change) {
        for (Watch watch : watches) {
            watch.publish(change);
        }
    }

    @Override
    public HttpClient.Builder newBuilder() {
        return new ClientBuilder(this);
    }

    private static final class ClientBuilder extends StandardHttpClientBuilder<Client, MemoryHttp, ClientBuilder> {
        ClientBuilder(MemoryHttp factory) {
            super(factory);
        }

        @Override
        protected ClientBuilder newInstance(MemoryHttp factory) {
            return new ClientBuilder(factory);
        }

        @Override
        public Client build() {
            return new Client(this, clientFactory);
        }
    }

    private static final class Client extends StandardHttpClient<Client, MemoryHttp, ClientBuilder> {
        private final MemoryHttp connection;

        Client(ClientBuilder builder, MemoryHttp connection) {
            super(builder, new AtomicBoolean());
            this.connection = connection;
        }

        @Override
        public CompletableFuture<WebSocketResponse> buildWebSocketDirect(
                StandardWebSocketBuilder builder, WebSocket.Listener listener) {
            return CompletableFuture.completedFuture(connection.watch(builder.asHttpRequest(), listener));
        }

        @Override
        public CompletableFuture<HttpResponse<AsyncBody>> consumeBytesDirect(
                StandardHttpRequest request, AsyncBody.Consumer<List<ByteBuffer>> consumer) {
            try {
                return CompletableFuture.completedFuture(new Response(request, connection.answer(request), consumer));
            } catch (IOException e) {
                return CompletableFuture.failedFuture(e);
            }
        }

        @Override
        protected void doClose() {}
    }

    private ApiAnswer answer(StandardHttpRequest http) throws IOException {
        ApiRequest request = new ApiRequest(
                http.method(),
                http.uri().getPath(),
                query(http.uri()),
                Optional.ofNullable(http.getContentType()).orElse(""),
                body(http));
        return calls.call(
                caller,
                request.method() + " " + request.path(),
                () -> api.handle(request),
                code -> MemoryApi.status(code, "Fault", "a fault of the test"));
    }

    private static String body(StandardHttpRequest request) {
        if (request.body() instanceof StandardHttpRequest.StringBodyContent text) {
            return text.getContent();
        } else if (request.body() instanceof StandardHttpRequest.ByteArrayBodyContent bytes) {
            return new String(bytes.getContent(), StandardCharsets.UTF_8);
        }
        return "";
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> query = new HashMap<>();
        if (uri.getRawQuery() != null) {
            for (String field : uri.getRawQuery().split("&", -1)) {
                String[] parts = field.split("=", 2);
                query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
        }
        return query;
    }

    private WebSocketResponse watch(HttpRequest request, WebSocket.Listener listener) {
        Map<String, String> query = query(request.uri());
        Watch watch = new Watch(Place.of(request.uri().getPath()), query, listener);
        watches.add(watch);
        listener.onOpen(watch);
        long from = Long.parseLong(query.getOrDefault("resourceVersion", "0"));
        api.since(from, watch.place.collection()).forEach(watch::publish);
        return new WebSocketResponse(new WebSocketUpgradeResponse(request), watch);
    }

    private final class Watch implements WebSocket {
        private final Place place;
        private final Map<String, String> query;
        private final Listener listener;

        Watch(Place place, Map<String, String> query, Listener listener) {
            this.place = place;
            this.query = query;
            this.listener = listener;
        }

        void publish(Change change) {
            if (!change.collection().equals(place.collection())
                    || !MemoryApi.selected(change.object(), place.namespace(), query)) {
                return;
            }
            Duration silence = Duration.between(time.now(), silentUntil);
            time.later(silence.compareTo(LATENCY) > 0 ? silence : LATENCY, () -> {
                if (caller.alive() && watches.contains(this)) {
                    listener.onMessage(this, "{\"type\":\"" + change.type() + "\",\"object\":" + change.object() + "}");
                }
            });
        }

        @Override
        public boolean send(ByteBuffer buffer) {
            return true;
        }

        @Override
        public boolean sendClose(int code, String reason) {
            watches.remove(this);
            return true;
        }

        @Override
        public long queueSize() {
            return 0;
        }

        @Override
        public void request() {}
    }

    private static final class Response extends StandardHttpHeaders implements HttpResponse<AsyncBody>, AsyncBody {
        private final HttpRequest request;
        private final ApiAnswer answer;
        private final Consumer<List<ByteBuffer>> consumer;
        private final CompletableFuture<Void> done = new CompletableFuture<>();
        private boolean consumed;

        Response(HttpRequest request, ApiAnswer answer, Consumer<List<ByteBuffer>> consumer) {
            super(Map.of("Content-Type", List.of("application/json")));
            this.request = request;
            this.answer = answer;
            this.consumer = consumer;
        }

        @Override
        public int code() {
            return answer.status();
        }

        @Override
        public AsyncBody body() {
            return this;
        }

        @Override
        public HttpRequest request() {
            return request;
        }

        @Override
        public Optional<HttpResponse<?>> previousResponse() {
            return Optional.empty();
        }

        @Override
        public void consume() {
            if (consumed) {
                done.complete(null);
                return;
            }
            consumed = true;
            try {
                consumer.consume(List.of(ByteBuffer.wrap(answer.body().getBytes(StandardCharsets.UTF_8))), this);
                done.complete(null);
            } catch (Exception e) {
                done.completeExceptionally(e);
            }
        }

        @Override
        public CompletableFuture<Void> done() {
            return done;
        }

        @Override
        public void cancel() {
            done.cancel(false);
        }
    }
}
