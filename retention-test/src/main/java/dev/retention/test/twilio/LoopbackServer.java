package dev.retention.test.twilio;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The sockets and threads: one daemon thread per connection, which ends with it. */
final class LoopbackServer implements AutoCloseable {

    private static final int BACKLOG = 200;
    private static final long HUNG_MILLIS = 180_000;

    private final ServerSocket server = new ServerSocket();
    private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
    private final Set<Thread> threads = ConcurrentHashMap.newKeySet();
    private final AtomicLong accepted = new AtomicLong();
    private final Handler handler;
    private boolean closed;

    /** Answers requests. */
    interface Handler {
        /** Returns whether the connection can serve another request. */
        boolean answer(HttpHead head, AnswerWriter writer) throws IOException, InterruptedException;
    }

    LoopbackServer(Handler handler) throws IOException {
        this.handler = handler;
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), BACKLOG);
    }

    void start() {
        Thread acceptor = new Thread(this::accept, name());
        acceptor.setDaemon(true);
        threads.add(acceptor);
        acceptor.start();
    }

    int port() {
        return server.getLocalPort();
    }

    long connectionsAccepted() {
        return accepted.get();
    }

    int connectionsOpen() {
        return connections.size();
    }

    private String name() {
        return "loopback-twilio-" + port();
    }

    private void accept() {
        while (true) {
            Socket socket;
            try {
                socket = server.accept();
            } catch (IOException e) {
                return;
            }
            begin(socket);
        }
    }

    private synchronized void begin(Socket socket) {
        if (closed) {
            closeQuietly(socket);
            return;
        }
        Thread thread = new Thread(() -> serve(socket), name() + "-connection");
        thread.setDaemon(true);
        accepted.incrementAndGet();
        connections.add(socket);
        // Those of connections that ended, so that they are not kept; the others are waited for when the server ends.
        threads.removeIf(other -> !other.isAlive());
        threads.add(thread);
        thread.start();
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            AnswerWriter writer = new AnswerWriter(socket, socket.getOutputStream());
            while (true) {
                HttpHead head = HttpHead.read(in);
                if (head == null || !handler.answer(head, writer)) {
                    return;
                }
            }
        } catch (IOException e) {
            // The client has closed the connection, or the server was closed.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            connections.remove(socket);
        }
    }

    /** Cuts all connections, and returns when the threads have ended. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        closeQuietly(server);
        connections.forEach(LoopbackServer::closeQuietly);
        boolean interrupted = false;
        for (Thread thread : threads) {
            thread.interrupt();
            try {
                thread.join(HUNG_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static void closeQuietly(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            // Nothing is left to be done about it.
        }
    }
}
