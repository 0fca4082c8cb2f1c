package dev.retention.torture;

import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRequest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which requests fail and how: a function of the seed, the recording and how often it was asked for, whatever the order
 * of arrival; but for those that an errand wants.
 */
final class ProviderFaults {

    /** No fault. */
    static final String NONE = "none";

    /** A kind of failure with its share among the failures. */
    private record Weighted(String name, int weight, TwilioFault fault) {}

    private final List<Weighted> faults = List.of(
            new Weighted("429", 8, TwilioFault.error(429, 20429)),
            new Weighted("429 Retry-After 0", 4, TwilioFault.error(429, 20429).withRetryAfter("0")),
            new Weighted("429 Retry-After 1", 4, TwilioFault.error(429, 20429).withRetryAfter("1")),
            new Weighted(
                    "429 Retry-After garbage", 4, TwilioFault.error(429, 70005).withRetryAfter("soon")),
            new Weighted(
                    "429 Retry-After negative", 4, TwilioFault.error(429, 20429).withRetryAfter("-5")),
            new Weighted(
                    "429 Retry-After date", 3, TwilioFault.error(429, 20429).withRetryAfter(httpDate())),
            new Weighted("500", 8, TwilioFault.error(500, 20500)),
            new Weighted("500 applied", 6, TwilioFault.error(500, 20500).applied()),
            new Weighted("502", 6, TwilioFault.html(502)),
            new Weighted("503", 8, TwilioFault.error(503, 20503)),
            new Weighted("504 applied", 6, TwilioFault.html(504).applied()),
            new Weighted("no answer", 3, TwilioFault.noAnswer()),
            new Weighted("no answer, applied", 4, TwilioFault.noAnswer().applied()),
            new Weighted("no answer, applied later", 5, TwilioFault.noAnswer().appliedLate()),
            new Weighted("503 applied later", 6, TwilioFault.error(503, 20503).appliedLate()),
            new Weighted("reset", 8, TwilioFault.reset()),
            new Weighted("reset, applied", 8, TwilioFault.reset().applied()),
            new Weighted("reset, applied later", 4, TwilioFault.reset().appliedLate()),
            new Weighted("200 with HTML", 5, TwilioFault.html(200)),
            new Weighted("200 empty", 5, TwilioFault.empty(200)),
            new Weighted("200 with nonsense", 5, TwilioFault.body(200, "application/json", "{\"status\":")),
            new Weighted("200 of another", 3, TwilioFault.body(200, "application/json", "{\"status\": \"deleted\"}")),
            new Weighted("404 empty", 3, TwilioFault.empty(404)),
            new Weighted("404", 3, TwilioFault.error(404, 20404)),
            new Weighted("302", 5, TwilioFault.redirect(302, "/elsewhere")),
            new Weighted("truncated", 4, TwilioFault.truncatedBody(500)),
            new Weighted("dripping", 1, TwilioFault.dripBody(503)),
            new Weighted("409", 5, TwilioFault.error(409, 20409)),
            new Weighted("20009", 5, TwilioFault.error(400, 20009)),
            new Weighted("400", 1, TwilioFault.error(400, 20001)));

    private final long seed;
    private final double share;
    private final int total = faults.stream().mapToInt(Weighted::weight).sum();
    private final Map<String, Integer> asked = new ConcurrentHashMap<>();
    private volatile boolean healed;

    ProviderFaults(long seed, double share) {
        this.seed = seed;
        this.share = share;
    }

    record Chosen(String name, TwilioFault fault) {}

    void heal() {
        healed = true;
    }

    /** @param directed the name of the one that it shall be; {@link #NONE} for none, null for as it comes */
    @Nullable
    Chosen choose(TwilioRequest request, @Nullable String directed) {
        if (healed || request.sid() == null || NONE.equals(directed)) {
            return null;
        }
        if (directed != null) {
            return faults.stream()
                    .filter(each -> each.name().equals(directed))
                    .map(each -> new Chosen(each.name(), each.fault()))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(directed));
        }
        String key = request.method() + request.sid();
        int times = asked.merge(key, 1, Integer::sum);
        long drawn = mix(seed ^ mix(key.hashCode() * 31L + times));
        if ((drawn >>> 11) * 0x1.0p-53 >= share) {
            return null;
        }
        int at = (int) Long.remainderUnsigned(mix(drawn), total);
        for (Weighted each : faults) {
            at -= each.weight();
            if (at < 0) {
                return new Chosen(each.name(), each.fault());
            }
        }
        throw new IllegalStateException("weights do not add up");
    }

    private static long mix(long value) {
        long z = value + 0x9e3779b97f4a7c15L;
        z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
        z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
        return z ^ (z >>> 31);
    }

    private static String httpDate() {
        return DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH)
                .withZone(ZoneOffset.UTC)
                .format(Instant.now().plusSeconds(2));
    }
}
