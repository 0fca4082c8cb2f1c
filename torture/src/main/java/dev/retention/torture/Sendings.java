package dev.retention.torture;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What instances tell of their checks and their calls of the storage. All instants are {@code System.nanoTime()}, which
 * counts from the machine's start in every process on it, so that those of two processes can be compared.
 */
final class Sendings {

    /** A check of rows: when the library asked for it, and how many it allowed. */
    record Check(int instance, long begunNanos, int allowed) {}

    /** The end of a call, and the longest time shortly before it that the instance got no processor. */
    record Returned(long nanos, long starvedNanos) {}

    /**
     * Why a request went.
     *
     * @param sinceNanos when the call of the storage began, or the last permit in it was asked for
     * @param checkNanos when the check began that the library went by; the smallest number for none
     * @param starvedNanos the longest time shortly before that the instance got no processor
     * @param returned when the call had returned; null where that is not known
     */
    record Permission(
            long sinceNanos,
            long checkNanos,
            long starvedNanos,
            @Nullable Returned returned) {

        boolean isChecked() {
            return checkNanos != Long.MIN_VALUE;
        }
    }

    private static final class Call {
        final long begun;
        final TreeMap<Long, Permission> permits = new TreeMap<>();

        @Nullable
        Returned returned;

        Call(long begun) {
            this.begun = begun;
        }
    }

    private final List<Check> checks = new ArrayList<>();
    /** By instance and recording: when its checks began that allowed it, and its calls. */
    private final Map<String, TreeMap<Long, Long>> allowed = new HashMap<>();

    private final Map<String, TreeMap<Long, Call>> calls = new HashMap<>();

    private static String key(int instance, String id) {
        return instance + " " + id;
    }

    synchronized void checked(int instance, long begun, List<String> ids) {
        checks.add(new Check(instance, begun, ids.size()));
        for (String id : ids) {
            allowed.computeIfAbsent(key(instance, id), k -> new TreeMap<>()).put(begun, begun);
        }
    }

    synchronized void called(int instance, String id, long begun, long starved) {
        Call call = new Call(begun);
        call.permits.put(begun, new Permission(begun, checkBefore(instance, id, begun), starved, null));
        calls.computeIfAbsent(key(instance, id), k -> new TreeMap<>()).put(begun, call);
    }

    /** The storage asked for a permit within its call, and got it. */
    synchronized void permitted(int instance, String id, long asked, long granted, long starved) {
        Call call = callBefore(instance, id, asked);
        if (call != null) {
            call.permits.put(asked, new Permission(asked, checkBefore(instance, id, granted), starved, null));
        }
    }

    synchronized void returned(int instance, String id, long begun, Returned returned) {
        TreeMap<Long, Call> known = calls.get(key(instance, id));
        Call call = known == null ? null : known.get(begun);
        if (call != null) {
            call.returned = returned;
        }
    }

    private @Nullable Call callBefore(int instance, String id, long nanos) {
        TreeMap<Long, Call> known = calls.get(key(instance, id));
        Map.Entry<Long, Call> entry = known == null ? null : known.floorEntry(nanos);
        return entry == null ? null : entry.getValue();
    }

    private long checkBefore(int instance, String id, long nanos) {
        TreeMap<Long, Long> known = allowed.get(key(instance, id));
        Long at = known == null ? null : known.floorKey(nanos);
        return at == null ? Long.MIN_VALUE : at;
    }

    /** What let this deletion go; null where nothing was heard of it. */
    synchronized @Nullable Permission of(Request request, List<Row> rows) {
        Permission last = null;
        for (Row row : rows) {
            Call call = callBefore(request.instance, row.key(), request.nanos);
            Map.Entry<Long, Permission> permit = call == null ? null : call.permits.floorEntry(request.nanos);
            if (call != null && permit != null && (last == null || last.sinceNanos() < permit.getKey())) {
                Permission found = permit.getValue();
                last = new Permission(found.sinceNanos(), found.checkNanos(), found.starvedNanos(), call.returned);
            }
        }
        return last;
    }

    synchronized List<Check> checks() {
        return List.copyOf(checks);
    }
}
