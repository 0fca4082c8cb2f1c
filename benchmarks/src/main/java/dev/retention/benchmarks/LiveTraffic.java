package dev.retention.benchmarks;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another client of the account. It keeps a number of requests in progress, and measures each. */
final class LiveTraffic implements AutoCloseable {

    private static final int MOST = 2_000_000;

    private final Provider provider;
    private final List<Thread> threads = new ArrayList<>();
    private final int[] latenciesMicros = new int[MOST];
    private final int[] atMillis = new int[MOST];
    private int count;
    private volatile boolean closed;

    LiveTraffic(Provider provider, int concurrency) {
        this.provider = provider;
        for (int i = 0; i < concurrency; i++) {
            Thread thread = new Thread(this::run, "live-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    private void run() {
        byte[] request = ("GET /2010-04-01/Accounts/" + Sids.ACCOUNT
                        + "/Calls.json HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        try (Socket socket = new Socket("127.0.0.1", provider.port())) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (!closed) {
                long began = System.nanoTime();
                out.write(request);
                int status = answer(in);
                long took = System.nanoTime() - began;
                if (status == 200) {
                    note((int) TimeUnit.NANOSECONDS.toMicros(took));
                } else {
                    Thread.sleep(20);
                }
            }
        } catch (IOException e) {
            if (!closed) {
                throw new IllegalStateException(e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int answer(InputStream in) throws IOException {
        int status = 0;
        int length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (status == 0) {
                status = Integer.parseInt(line.substring(9, 12));
            } else if (line.startsWith("Content-Length: ")) {
                length = Integer.parseInt(line.substring(16));
            }
        }
        in.skipNBytes(length);
        return status;
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("closed");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private synchronized void note(int micros) {
        if (count < MOST) {
            latenciesMicros[count] = micros;
            atMillis[count++] = (int) provider.nowMillis();
        }
    }

    /** In milliseconds, of the answers in this time. */
    synchronized double percentile(double share, long fromMillis, long toMillis) {
        int[] those = new int[count];
        int n = 0;
        for (int i = 0; i < count; i++) {
            if (atMillis[i] >= fromMillis && atMillis[i] < toMillis) {
                those[n++] = latenciesMicros[i];
            }
        }
        if (n == 0) {
            return 0;
        }
        Arrays.sort(those, 0, n);
        return those[Math.min(n - 1, (int) (share * n))] / 1000.0;
    }

    @Override
    public void close() {
        closed = true;
        try {
            for (Thread thread : threads) {
                thread.join(2000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
