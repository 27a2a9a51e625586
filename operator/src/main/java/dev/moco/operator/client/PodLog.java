package dev.moco.operator.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.moco.contract.StageFailure;
import dev.moco.operator.jobs.StageContainerBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Log of the stage container of one pod. A read resumes after the last line, since the server's streams break after
 * some hours. It is requested with timestamps, by which it is resumed. The library's own call would return an error as
 * if it were log.
 */
public final class PodLog {
    /** Parts of the server's messages about a pod without a node, an image, or a started container. */
    private static final List<String> NOT_YET =
            List.of("waiting to start", "not available", "does not have a host assigned");

    private final KubernetesClient client;
    private final String namespace;
    private final String pod;
    private final String place;
    private @Nullable Instant last;
    private int linesAtLast;
    private int untimed;

    PodLog(KubernetesClient client, String namespace, String pod, String place) {
        this.client = client;
        this.namespace = namespace;
        this.pod = pod;
        this.place = place;
    }

    public String pod() {
        return pod;
    }

    /** End of a read. */
    public enum ReadResult {
        /** Read to the end of the log or of the stream. */
        READ,
        /** The container has not started yet. */
        NOT_STARTED,
        /** The pod no longer exists. */
        GONE,
        /** The connection broke, or the node did not answer. */
        BROKEN
    }

    /**
     * Reads from where the last read ended.
     *
     * @param follow true waits for more until the container ends
     * @param tail number of newest lines; negative reads all
     * @throws StageFailure if the server refuses
     */
    public ReadResult read(boolean follow, int tail, Consumer<String> line) throws InterruptedException {
        HttpResponse<InputStream> response;
        try {
            response = client.getHttpClient()
                    .sendAsync(request(follow, tail), InputStream.class)
                    .get();
        } catch (ExecutionException e) {
            if (follow) {
                return ReadResult.BROKEN;
            }
            throw ClusterErrors.of(
                    new KubernetesClientException(String.valueOf(e.getMessage()), e.getCause()), place, "read logs");
        }
        try (InputStream body = response.body()) {
            if (response.isSuccessful()) {
                return copy(body, line);
            }
            String answer = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            return refused(response.code(), answer, follow);
        } catch (IOException e) {
            return ReadResult.BROKEN;
        }
    }

    private HttpRequest request(boolean follow, int tail) {
        Instant since = last;
        String query = "?container=" + StageContainerBuilder.NAME + "&timestamps=true" + (follow ? "&follow=true" : "")
                + (since != null
                        ? "&sinceTime=" + URLEncoder.encode(since.toString(), StandardCharsets.UTF_8)
                        : tail >= 0 ? "&tailLines=" + tail : "");
        URI uri =
                URI.create(client.getMasterUrl() + "api/v1/namespaces/" + namespace + "/pods/" + pod + "/log" + query);
        HttpRequest.Builder request =
                client.getHttpClient().newHttpRequestBuilder().uri(uri);
        return follow ? request.forStreaming().build() : request.build();
    }

    private ReadResult copy(InputStream body, Consumer<String> line) throws IOException {
        Instant resumed = last;
        int toSkip = linesAtLast;
        int untimedToSkip = untimed;
        BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        for (String raw = lines.readLine(); raw != null; raw = lines.readLine()) {
            int space = raw.indexOf(' ');
            Instant time = time(space < 0 ? raw : raw.substring(0, space));
            if (time == null) {
                if (untimedToSkip-- <= 0) {
                    untimed++;
                    line.accept(raw);
                }
                continue;
            }
            // The server's "since" has a resolution of seconds, so lines may be repeated.
            if (resumed != null && (time.isBefore(resumed) || (time.equals(resumed) && toSkip-- > 0))) {
                continue;
            }
            linesAtLast = time.equals(last) ? linesAtLast + 1 : 1;
            last = time;
            line.accept(space < 0 ? "" : raw.substring(space + 1));
        }
        return ReadResult.READ;
    }

    private static @Nullable Instant time(String timestamp) {
        try {
            return OffsetDateTime.parse(timestamp).toInstant();
        } catch (DateTimeException e) {
            return null; // without timestamps the log is read from its beginning again
        }
    }

    private ReadResult refused(int code, String answer, boolean follow) {
        if (code == 404) {
            return ReadResult.GONE;
        } else if (code == 400 && NOT_YET.stream().anyMatch(answer::contains)) {
            return ReadResult.NOT_STARTED;
        } else if (code >= 500 && follow) {
            return ReadResult.BROKEN;
        }
        throw ClusterErrors.of(
                new KubernetesClientException(message(answer), code, null), place, "read the log of pod " + pod);
    }

    private static String message(String answer) {
        try {
            return new JsonMapper().readTree(answer).path("message").asText(answer);
        } catch (JsonProcessingException e) {
            return answer; // the message of a proxy
        }
    }
}
