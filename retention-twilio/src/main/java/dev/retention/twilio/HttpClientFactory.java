package dev.retention.twilio;

import java.net.ProxySelector;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.config.TlsConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManager;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.impl.routing.SystemDefaultRoutePlanner;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpConnectionFactory;
import org.apache.hc.core5.http.io.SocketConfig;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

/** Makes HTTP clients that repeat nothing, follow nothing, remember nothing and log nothing. */
final class HttpClientFactory {

    private static final int LONGEST_LINE = 16 * 1024;
    private static final int MOST_HEADERS = 200;

    private HttpClientFactory() {}

    /** The limits of a client. */
    record Limits(Duration connectTimeout, Duration requestTimeout, int maxConcurrency) {}

    /** @param trusting whether the server is trusted to keep connections open after an answer */
    static CloseableHttpClient create(
            Limits limits, DnsResolver names, HttpRequestExecutor executor, BooleanSupplier trusting) {
        Timeout read = Timeout.of(limits.requestTimeout);
        return HttpClients.custom()
                .setConnectionManager(connections(limits, names, trusting))
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectionRequestTimeout(read)
                        .setResponseTimeout(read)
                        .setRedirectsEnabled(false)
                        .setAuthenticationEnabled(false)
                        .setProtocolUpgradeEnabled(false)
                        .build())
                .setRequestExecutor(executor)
                // The proxy of https.proxyHost, as Twilio's own client uses it.
                .setRoutePlanner(new SystemDefaultRoutePlanner(ProxySelector.getDefault()))
                .disableAutomaticRetries()
                .disableRedirectHandling()
                .disableCookieManagement()
                .disableAuthCaching()
                .disableContentCompression()
                .setUserAgent("retention-twilio")
                .build();
    }

    private static PoolingHttpClientConnectionManager connections(
            Limits limits, DnsResolver names, BooleanSupplier trusting) {
        Timeout connect = Timeout.of(limits.connectTimeout);
        Timeout read = Timeout.of(limits.requestTimeout);
        return PoolingHttpClientConnectionManagerBuilder.create()
                .setConnectionFactory(quietConnections(trusting))
                .setDnsResolver(names)
                .setMaxConnTotal(limits.maxConcurrency)
                .setMaxConnPerRoute(limits.maxConcurrency)
                .setDefaultSocketConfig(SocketConfig.custom()
                        .setSoTimeout(read)
                        .setTcpNoDelay(true)
                        .setSoKeepAlive(true)
                        .build())
                .setDefaultConnectionConfig(ConnectionConfig.custom()
                        .setConnectTimeout(connect)
                        .setSocketTimeout(read)
                        // Checked before each use: see QuietConnection.isStale().
                        .setValidateAfterInactivity(TimeValue.ZERO_MILLISECONDS)
                        .setTimeToLive(TimeValue.ofMinutes(5))
                        .build())
                .setDefaultTlsConfig(
                        TlsConfig.custom().setHandshakeTimeout(connect).build())
                .build();
    }

    private static HttpConnectionFactory<ManagedHttpClientConnection> quietConnections(BooleanSupplier trusting) {
        Http1Config config = Http1Config.custom()
                .setMaxLineLength(LONGEST_LINE)
                .setMaxHeaderCount(MOST_HEADERS)
                .build();
        return socket -> {
            QuietConnection connection = new QuietConnection(config, trusting);
            if (socket != null) {
                connection.bind(socket);
            }
            return connection;
        };
    }
}
