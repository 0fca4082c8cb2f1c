package com.example.voice.demo;

import com.example.voice.CallRecording;
import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioRecording;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Some thousand recordings at the provider, with their rows in the engine's table, in groups of one kind each. */
final class DemoRecordings {

    static final String ACCOUNT = "AC00000000000000000000000000000001";
    static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

    static final String DUE = "old: due";
    static final String ON_HOLD = "old, under a legal hold";
    static final String HELD_LATER = "old, held while the sweep runs";
    static final String TO_ERASE = "recent, and its caller wants it erased";

    /** The groups that the first sweep has to soft-delete. It must not soft-delete any other. */
    static final Set<String> TO_BE_REMOVED =
            Set.of(DUE, "ancient, queue payments: due", "old, deleted at Twilio by hand", "old, never had any audio");

    private final LoopbackTwilio twilio;
    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final Random random = new Random(20260824);
    private final Map<String, List<CallRecording>> groups = new LinkedHashMap<>();

    DemoRecordings(LoopbackTwilio twilio) {
        this.twilio = twilio;
        add("recent: younger than 90 days", 1_500, () -> atTwilio(days(0, 89), "support"));
        add(TO_ERASE, 1, () -> atTwilio(days(10, 20), "support"));
        add(DUE, 2_000, () -> atTwilio(days(92, 700), "support"));
        add("old, queue payments: kept 7 years", 300, () -> atTwilio(days(92, 2_500), "payments"));
        add("ancient, queue payments: due", 20, () -> atTwilio(days(2_600, 2_900), "payments"));
        add(
                "old, frozen by the engine",
                40,
                () -> atTwilio(days(92, 700), "support").freeze());
        add(ON_HOLD, 25, () -> atTwilio(days(92, 700), "support"));
        // The youngest that is due, so the last: its hold comes before its claim.
        add(HELD_LATER, 1, () -> atTwilio(days(91, 92), "support"));
        add(
                "old, keep-until in the future",
                12,
                () -> atTwilio(days(92, 700), "support").keepUntil(local(now.plus(30, ChronoUnit.DAYS))));
        add("old, deleted at Twilio by hand", 5, () -> {
            CallRecording recording = atTwilio(days(92, 700), "support");
            twilio.deleteByHand(String.valueOf(recording.getProviderRef()));
            return recording;
        });
        add("old, never had any audio", 4, () -> atTwilio(days(92, 700), "support", "absent", null));
        add("old, not found at Twilio", 30, () -> row(unknownSid(), days(92, 700), "support"));
        add("old, Twilio answers 500", 20, () -> {
            CallRecording recording = atTwilio(days(92, 700), "support");
            twilio.failOn(String.valueOf(recording.getProviderRef()), TwilioFault.error(500, 20500));
            return recording;
        });
        // The account's setting said for some weeks that recordings go to the customer's own bucket.
        add(
                "old, audio in the customer's bucket",
                8,
                () -> atTwilio(
                        days(2_950, 3_000), "support", "completed", "https://recordings.example.com/acme/1.wav"));
        add("old, still being processed", 1, () -> atTwilio(days(92, 100), "support", "processing", null));
        add("old, key is no SID", 6, () -> row("../Calls/CA" + random.nextInt(1_000), days(92, 700), "support"));
        add("old, without a key", 15, () -> row(null, days(92, 700), "support"));
        add("without a date", 3, () -> {
            String sid = twilio.addRecording(ACCOUNT, now);
            return new CallRecording(sid, null, "support", 60);
        });
    }

    /** Recordings that have become due since. */
    List<CallRecording> addDue(int count) {
        add("due since yesterday", count, () -> atTwilio(days(91, 92), "support"));
        return group("due since yesterday");
    }

    private interface Maker {
        CallRecording make();
    }

    /** The recordings by group. */
    Map<String, List<CallRecording>> groups() {
        return groups;
    }

    /** Those of one group. */
    List<CallRecording> group(String name) {
        return groups.getOrDefault(name, List.of());
    }

    /** All of them. */
    List<CallRecording> all() {
        return groups.values().stream().flatMap(List::stream).toList();
    }

    private void add(String group, int count, Maker maker) {
        List<CallRecording> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(maker.make());
        }
        groups.put(group, made);
    }

    private Instant days(int from, int to) {
        return now.minusSeconds(random.nextLong(from * 86_400L, to * 86_400L));
    }

    private CallRecording atTwilio(Instant created, String queue) {
        return atTwilio(created, queue, "completed", null);
    }

    private CallRecording atTwilio(Instant created, String queue, String status, @Nullable String mediaUrl) {
        String sid = unknownSid();
        TwilioRecording recording =
                TwilioRecording.completed(ACCOUNT, sid, created).withStatus(status);
        twilio.addRecording(mediaUrl == null ? recording : recording.withMediaUrl(mediaUrl));
        return row(sid, created, queue);
    }

    private CallRecording row(@Nullable String key, Instant created, String queue) {
        return new CallRecording(key, local(created), queue, 20 + random.nextInt(600));
    }

    private String unknownSid() {
        return "RE%016x%016x".formatted(random.nextLong(), random.nextLong());
    }

    private static LocalDateTime local(Instant time) {
        return LocalDateTime.ofInstant(time, ZONE);
    }
}
