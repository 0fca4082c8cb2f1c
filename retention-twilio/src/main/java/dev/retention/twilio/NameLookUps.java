package dev.retention.twilio;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ExecutionException;
import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SystemDefaultDnsResolver;

/**
 * Resolves host names on threads of its own, one for each name at a time, so that a caller can stop waiting: the
 * system's resolver reacts neither to deadlines nor to interrupts.
 */
final class NameLookUps implements DnsResolver, AutoCloseable {

    private final DnsResolver system;
    private final ConcurrentMap<String, CompletableFuture<InetAddress[]>> underWay = new ConcurrentHashMap<>();
    private final ConcurrentMap<Thread, CompletableFuture<InetAddress[]>> waiting = new ConcurrentHashMap<>();
    private volatile boolean closed;

    NameLookUps() {
        this(SystemDefaultDnsResolver.INSTANCE);
    }

    NameLookUps(DnsResolver system) {
        this.system = system;
    }

    @Override
    public InetAddress[] resolve(String host) throws UnknownHostException {
        CompletableFuture<InetAddress[]> found =
                underWay.computeIfAbsent(host, this::begin).copy();
        waiting.put(Thread.currentThread(), found);
        try {
            if (closed) {
                throw new UnknownHostException("closed");
            }
            return found.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UnknownHostException("interrupted");
        } catch (CancellationException e) {
            throw new UnknownHostException("aborted");
        } catch (ExecutionException e) {
            throw new UnknownHostException("not found");
        } finally {
            waiting.remove(Thread.currentThread());
        }
    }

    private CompletableFuture<InetAddress[]> begin(String host) {
        CompletableFuture<InetAddress[]> found = new CompletableFuture<>();
        Thread thread = new Thread(
                () -> {
                    try {
                        found.complete(system.resolve(host));
                    } catch (UnknownHostException | RuntimeException | Error e) {
                        found.completeExceptionally(e);
                    } finally {
                        underWay.remove(host, found);
                    }
                },
                "retention-twilio-name");
        thread.setDaemon(true);
        thread.start();
        return found;
    }

    /** Ends this thread's wait for a name, if it waits for one. */
    void giveUp(Thread caller) {
        CompletableFuture<InetAddress[]> awaited = waiting.get(caller);
        if (awaited != null) {
            awaited.cancel(false);
        }
    }

    @Override
    public String resolveCanonicalHostname(String host) throws UnknownHostException {
        return system.resolveCanonicalHostname(host);
    }

    /** Ends all waits. A look-up that hangs ends by itself. */
    @Override
    public void close() {
        closed = true;
        waiting.values().forEach(awaited -> awaited.cancel(false));
    }
}
