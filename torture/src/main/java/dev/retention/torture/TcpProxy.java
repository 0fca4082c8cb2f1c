package dev.retention.torture;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Between an instance and a server; does to the connections what a bad network does. */
final class TcpProxy implements AutoCloseable {

    private final ServerSocket server;
    private final int target;
    private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
    private volatile long latencyMillis;
    private volatile long blackHoleUntil;
    /** Answers of so many of the next commits are lost. */
    private final AtomicInteger commitsToCut = new AtomicInteger();
    /** The next connection that carries more bytes than this towards the client is cut; negative for never. */
    private final AtomicLong cutAfter = new AtomicLong(-1);

    /** What is told when the answer to a commit was kept back. */
    static final String COMMIT_CUT = "commit cut";

    private final Consumer<String> tell;

    /** @param tell what was done to a connection */
    TcpProxy(int target, Consumer<String> tell) {
        this.target = target;
        this.tell = tell;
        try {
            server = new ServerSocket();
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        daemon("proxy-" + server.getLocalPort(), this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void latency(long millis) {
        latencyMillis = millis;
    }

    /** Nothing is carried until then, and nothing is closed. */
    void blackHole(long millis) {
        blackHoleUntil = System.currentTimeMillis() + millis;
    }

    /** Resets all connections. */
    void resetAll() {
        for (Pair pair : pairs) {
            tell.accept("connection reset");
            pair.reset();
        }
    }

    void cutAfter(long bytes) {
        cutAfter.set(bytes);
    }

    /** The next commit goes through, and its answer does not. */
    void cutNextCommit() {
        commitsToCut.incrementAndGet();
    }

    void heal() {
        latencyMillis = 0;
        blackHoleUntil = 0;
        cutAfter.set(-1);
        commitsToCut.set(0);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            // It is closed one way or the other.
        }
        pairs.forEach(Pair::close);
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                daemon("proxy-connect", () -> connect(client));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void connect(Socket client) {
        try {
            Socket upstream = new Socket(InetAddress.getLoopbackAddress(), target);
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            Pair pair = new Pair(client, upstream);
            pairs.add(pair);
            daemon("proxy-up", () -> pair.carry(client, upstream, true));
            daemon("proxy-down", () -> pair.carry(upstream, client, false));
        } catch (IOException e) {
            abort(client);
        }
    }

    private static void daemon(String name, Runnable task) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void abort(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException e) {
            // It is gone already.
        }
    }

    private final class Pair {
        private final Socket client;
        private final Socket upstream;
        private volatile boolean mute;

        Pair(Socket client, Socket upstream) {
            this.client = client;
            this.upstream = upstream;
        }

        void carry(Socket from, Socket to, boolean towardsServer) {
            byte[] buffer = new byte[16 * 1024];
            long carried = 0;
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    delay();
                    boolean cut = towardsServer && isCommit(buffer, n) && takeOne();
                    if (!towardsServer && mute) {
                        continue;
                    }
                    if (cut) {
                        // The client hears nothing more, and the server gets it whole.
                        mute = true;
                    }
                    carried += n;
                    long limit = cutAfter.get();
                    if (!towardsServer && limit >= 0 && carried > limit && cutAfter.compareAndSet(limit, -1)) {
                        tell.accept("answer cut");
                        out.write(buffer, 0, n / 2);
                        out.flush();
                        reset();
                        return;
                    }
                    out.write(buffer, 0, n);
                    out.flush();
                    if (cut) {
                        Thread.sleep(100);
                        tell.accept(COMMIT_CUT);
                        reset();
                        return;
                    }
                }
            } catch (IOException e) {
                // Either side went away.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                close();
            }
        }

        private void delay() throws InterruptedException {
            if (latencyMillis > 0) {
                Thread.sleep(latencyMillis);
            }
            while (System.currentTimeMillis() < blackHoleUntil) {
                Thread.sleep(20);
            }
        }

        private boolean takeOne() {
            return commitsToCut.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
        }

        private static boolean isCommit(byte[] bytes, int length) {
            // A COMMIT is small and comes alone.
            return length < 200
                    && new String(bytes, 0, length, StandardCharsets.ISO_8859_1)
                            .toUpperCase(Locale.ROOT)
                            .contains("COMMIT");
        }

        void reset() {
            pairs.remove(this);
            abort(client);
            abort(upstream);
        }

        void close() {
            pairs.remove(this);
            try {
                client.close();
                upstream.close();
            } catch (IOException e) {
                // They are gone already.
            }
        }
    }
}
