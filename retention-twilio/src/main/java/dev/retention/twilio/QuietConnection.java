package dev.retention.twilio;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Socket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A pooled connection that logs nothing. The HTTP library's own one writes headers and bodies to the loggers
 * {@code org.apache.hc.client5.http.headers} and {@code .wire} at DEBUG: credentials and media URLs among them.
 */
final class QuietConnection extends DefaultBHttpClientConnection implements ManagedHttpClientConnection {

    private volatile @Nullable Socket socket;
    private volatile boolean cut;
    private volatile Timeout timeout = Timeout.DISABLED;

    QuietConnection(Http1Config limits) {
        super(limits);
    }

    @Override
    public void bind(Socket opened) throws IOException {
        refuseIfCut(opened);
        socket = opened;
        super.bind(opened);
        timeout = Timeout.ofMilliseconds(opened.getSoTimeout());
    }

    @Override
    public void bind(SSLSocket secured, Socket opened) throws IOException {
        refuseIfCut(opened);
        socket = secured;
        super.bind(secured, opened);
        timeout = Timeout.ofMilliseconds(secured.getSoTimeout());
    }

    private void refuseIfCut(Socket opened) throws IOException {
        if (cut) {
            opened.close();
            throw new InterruptedIOException("the connection was given up");
        }
    }

    /** Unread input counts as stale: the rest of an earlier answer must never be taken for the answer to a later request. */
    @Override
    public boolean isStale() throws IOException {
        return super.isStale() || isDataAvailable(Timeout.ofMilliseconds(1));
    }

    // The interface predates null annotations; a connection that is not bound has no socket.
    @Override
    @SuppressWarnings("NullAway")
    public Socket getSocket() {
        return socket;
    }

    @Override
    @SuppressWarnings("NullAway")
    public SSLSession getSSLSession() {
        return socket instanceof SSLSocket secured ? secured.getSession() : null;
    }

    @Override
    public void setSocketTimeout(Timeout value) {
        timeout = value;
        super.setSocketTimeout(value);
    }

    @Override
    public void passivate() {
        super.setSocketTimeout(Timeout.DISABLED);
    }

    @Override
    public void activate() {
        super.setSocketTimeout(timeout);
    }

    @Override
    public void close(CloseMode mode) {
        if (mode == CloseMode.IMMEDIATE) {
            cut = true;
        }
        super.close(mode);
    }
}
