package dev.moco.artifacts;

import dev.moco.contract.StoreLocation;
import java.util.regex.Pattern;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;

/** The HTTP client of a store. */
final class S3Http {
    /** Endpoints on this machine. */
    private static final Pattern LOOPBACK =
            Pattern.compile("https?://(localhost|127(\\.\\d{1,3}){3}|\\[::1])(:\\d+)?(/.*)?");

    private S3Http() {}

    /** The proxy of the environment, if any, is never asked for a server on this machine: it would look on its own. */
    static SdkHttpClient.Builder<?> client(StoreLocation location, S3Timeouts timeouts) {
        UrlConnectionHttpClient.Builder client = UrlConnectionHttpClient.builder()
                .connectionTimeout(timeouts.connect())
                .socketTimeout(timeouts.silence());
        String endpoint = location.endpoint();
        if (endpoint != null && LOOPBACK.matcher(endpoint).matches()) {
            client.proxyConfiguration(ProxyConfiguration.builder()
                    .useSystemPropertyValues(false)
                    .useEnvironmentVariablesValues(false)
                    .build());
        }
        return new WholeBuffers.Builder(client);
    }
}
