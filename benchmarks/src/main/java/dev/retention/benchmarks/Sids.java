package dev.retention.benchmarks;

import java.time.Instant;

/** Recording SIDs that contain the creation time, so that the provider need not store recordings. */
final class Sids {

    static final String ACCOUNT = "AC" + "0123456789abcdef".repeat(2);
    static final String TOKEN = "benchmark-token";

    /** The same in SQL, of {@code n} and {@code created}. */
    static final String SQL =
            "'RE' || lpad(to_hex(extract(epoch from created)::bigint), 16, '0') || lpad(to_hex(n), 16, '0')";

    private Sids() {}

    static Instant created(String sid) {
        return Instant.ofEpochSecond(Long.parseLong(sid.substring(2, 18), 16));
    }

    static int number(String sid) {
        return Integer.parseInt(sid.substring(18), 16);
    }
}
