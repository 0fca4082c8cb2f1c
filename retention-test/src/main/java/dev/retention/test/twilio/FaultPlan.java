package dev.retention.test.twilio;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which requests fail, and how. Its callers hold the server's lock. */
final class FaultPlan {

    private final Map<String, ArrayDeque<TwilioFault>> nextBySid = new HashMap<>();
    private final Map<String, TwilioFault> lastingBySid = new HashMap<>();
    private final ArrayDeque<TwilioFault> next = new ArrayDeque<>();
    private @Nullable Share share;

    private record Share(double part, Random random, TwilioFault fault, Predicate<TwilioRequest> concerned) {
        boolean takes(TwilioRequest request) {
            return concerned.test(request) && random.nextDouble() < part;
        }
    }

    void always(String sid, TwilioFault fault) {
        lastingBySid.put(sid, fault);
    }

    void next(String sid, List<TwilioFault> faults) {
        nextBySid.computeIfAbsent(sid, s -> new ArrayDeque<>()).addAll(faults);
    }

    void next(int count, TwilioFault fault) {
        for (int i = 0; i < count; i++) {
            next.add(fault);
        }
    }

    void share(double part, long seed, TwilioFault fault, Predicate<TwilioRequest> concerned) {
        share = new Share(part, new Random(seed), fault, concerned);
    }

    void clear() {
        nextBySid.clear();
        lastingBySid.clear();
        next.clear();
        share = null;
    }

    /** The fault of this request; null for none. */
    @Nullable
    TwilioFault take(TwilioRequest request) {
        String sid = request.sid();
        if (sid != null) {
            ArrayDeque<TwilioFault> queued = nextBySid.get(sid);
            if (queued != null && !queued.isEmpty()) {
                return queued.poll();
            }
            TwilioFault lasting = lastingBySid.get(sid);
            if (lasting != null) {
                return lasting;
            }
        }
        if (!next.isEmpty()) {
            return next.poll();
        }
        return share != null && share.takes(request) ? share.fault() : null;
    }
}
