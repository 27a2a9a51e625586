package dev.moco.operator.http;

import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** Builds a {@link PingingHttpClient}. */
final class PingingHttpClientBuilder implements HttpClient.Builder {
    private final HttpClient.Builder client;
    private final Duration interval;
    private final Duration silence;

    PingingHttpClientBuilder(HttpClient.Builder client, Duration interval, Duration silence) {
        this.client = client;
        this.interval = interval;
        this.silence = silence;
    }

    @Override
    public HttpClient.Builder cookieHandler(CookieHandler cookieHandler) {
        client.cookieHandler(cookieHandler);
        return this;
    }

    @Override
    public HttpClient.Builder connectTimeout(Duration duration) {
        client.connectTimeout(duration);
        return this;
    }

    @Override
    public HttpClient.Builder sslContext(SSLContext sslContext) {
        client.sslContext(sslContext);
        return this;
    }

    @Override
    public HttpClient.Builder sslParameters(SSLParameters sslParameters) {
        client.sslParameters(sslParameters);
        return this;
    }

    @Override
    public HttpClient.Builder executor(Executor executor) {
        client.executor(executor);
        return this;
    }

    @Override
    public HttpClient.Builder followRedirects(HttpClient.Redirect policy) {
        client.followRedirects(policy);
        return this;
    }

    @Override
    public HttpClient.Builder version(HttpClient.Version version) {
        client.version(version);
        return this;
    }

    @Override
    public HttpClient.Builder priority(int priority) {
        client.priority(priority);
        return this;
    }

    @Override
    public HttpClient.Builder proxy(ProxySelector proxySelector) {
        client.proxy(proxySelector);
        return this;
    }

    @Override
    public HttpClient.Builder authenticator(Authenticator authenticator) {
        client.authenticator(authenticator);
        return this;
    }

    @Override
    public HttpClient build() {
        return new PingingHttpClient(client.build(), interval, silence);
    }
}
