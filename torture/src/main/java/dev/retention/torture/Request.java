package dev.retention.torture;

import dev.retention.test.twilio.TwilioRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A request as the provider got it, and the gate's row as it was then. */
final class Request {

    /** A row of the gate; the state is {@code NONE} where there is none. */
    record Gate(String state, @Nullable String owner, boolean held, long leaseMillis) {}

    private static final Duration LATELY = Duration.ofSeconds(5);

    /** Its place in the journal. */
    final long seq;
    /** When it was received, by the harness's clock. */
    final long millis;
    /** The same by the machine's own count, which every process has. */
    final long nanos = System.nanoTime();

    final String method;
    final String path;
    final @Nullable String account;
    final @Nullable String sid;
    /** The longest time shortly before that the harness got no processor, and may have received it later for that. */
    final long starvedNanos;

    /** Who sent it; negative where the key is none of ours. */
    final int instance;

    volatile String fault = "";
    volatile int status;
    volatile long appliedSeq;
    private volatile @Nullable Gate gate;
    private volatile long gateNanos;

    Request(World world, TwilioRequest received, int instance) {
        this.seq = world.journal.next();
        this.millis = world.clock.millis();
        this.starvedNanos = world.pulse.starvedNanos(LATELY);
        this.method = received.method();
        this.path = received.rawPath();
        this.account = received.account();
        this.sid = received.sid();
        this.instance = instance;
    }

    boolean isDelete() {
        return method.equals("DELETE");
    }

    /** Whether the answer leaves open what was done. */
    boolean mayHaveWorked() {
        return status < 400 || status >= 500 || status == 408;
    }

    @Nullable
    Gate gate() {
        return gate;
    }

    /** When the gate's row had been read. */
    long gateNanos() {
        return gateNanos;
    }

    void saw(@Nullable Gate row) {
        gateNanos = System.nanoTime();
        gate = row;
    }

    @Override
    public String toString() {
        return "#" + seq + " " + method + " " + sid + " by i" + instance + " -> " + status
                + (fault.isEmpty() ? "" : " (" + fault + ")") + (appliedSeq > 0 ? " applied #" + appliedSeq : "")
                + (gate == null ? "" : " " + gate);
    }
}
