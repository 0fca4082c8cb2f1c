package dev.retention.twilio;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;
import org.jspecify.annotations.Nullable;

/**
 * A pooled connection that logs nothing. The HTTP library's own one logs headers and bodies, credentials and media URLs
 * among them, at DEBUG to {@code org.apache.hc.client5.http.headers} and {@code .wire}.
 */
final class QuietConnection extends DefaultBHttpClientConnection implements ManagedHttpClientConnection {

    private static final long MOMENT_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final BooleanSupplier trusting;
    private volatile @Nullable Socket socket;
    private volatile long passiveNanos;
    private volatile boolean impatient;
    private volatile boolean cut;
    private volatile boolean ended;
    private volatile Timeout timeout = Timeout.DISABLED;

    /** @param trusting whether the server is trusted to keep connections open after an answer */
    QuietConnection(Http1Config limits, BooleanSupplier trusting) {
        super(limits);
        this.trusting = trusting;
    }

    @Override
    public void bind(Socket opened) throws IOException {
        refuseIfCut(opened);
        socket = opened;
        super.bind(new Watched(opened));
        timeout = Timeout.ofMilliseconds(opened.getSoTimeout());
    }

    @Override
    public void bind(SSLSocket secured, Socket opened) throws IOException {
        refuseIfCut(opened);
        socket = secured;
        super.bind(new Watched(secured, opened));
        timeout = Timeout.ofMilliseconds(secured.getSoTimeout());
    }

    private void refuseIfCut(Socket opened) throws IOException {
        if (cut) {
            opened.close();
            throw new InterruptedIOException("the connection was aborted");
        }
    }

    /**
     * Unread input counts as stale: the rest of an earlier answer must never be treated as the answer to a later
     * request. One read of a millisecond shows that, and whether the server has closed the connection; the library's
     * own check would cost another. A connection that was used a moment ago does not wait for that millisecond, a
     * fiftieth of a usual answer's time: input that has arrived is noticed without it, and only a close without notice
     * would be found by the request itself.
     */
    @Override
    public boolean isStale() {
        impatient = trusting.getAsBoolean() && System.nanoTime() - passiveNanos < MOMENT_NANOS;
        try {
            return !isOpen() || isDataAvailable(Timeout.ofMilliseconds(1)) || ended;
        } catch (IOException e) {
            return true;
        } finally {
            impatient = false;
        }
    }

    /** A socket that notes the end of its input. */
    private final class Watched extends SocketHolder {

        Watched(Socket opened) {
            super(opened);
            ended = false;
        }

        Watched(SSLSocket secured, Socket opened) {
            super(secured, opened);
            ended = false;
        }

        @Override
        protected InputStream getInputStream(Socket from) throws IOException {
            return new FilterInputStream(super.getInputStream(from)) {
                @Override
                public int read() throws IOException {
                    refuseToWait();
                    return noted(super.read());
                }

                @Override
                public int read(byte[] bytes, int offset, int length) throws IOException {
                    refuseToWait();
                    return noted(super.read(bytes, offset, length));
                }

                /** Checks below TLS too, where there may be input that it has not decrypted yet. */
                private void refuseToWait() throws IOException {
                    if (impatient
                            && super.available() == 0
                            && getBaseSocket().getInputStream().available() == 0) {
                        throw new SocketTimeoutException("no input yet");
                    }
                }

                private int noted(int read) {
                    ended |= read < 0;
                    return read;
                }
            };
        }
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
        passiveNanos = System.nanoTime();
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
