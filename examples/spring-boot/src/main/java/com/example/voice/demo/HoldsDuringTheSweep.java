package com.example.voice.demo;

import com.example.voice.CallRecording;
import dev.retention.HoldAnswer;
import dev.retention.LegalHolds;
import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioObserver;
import dev.retention.test.twilio.TwilioRequest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Places a hold on two recordings while a request for one of them is at Twilio, and the other was not claimed yet. */
final class HoldsDuringTheSweep implements TwilioObserver {

    private static final int AFTER_REQUESTS = 800;

    private final LegalHolds holds;
    private final String officer;
    private final Map<String, String> idsBySid;
    private final String later;
    private final AtomicInteger deletions = new AtomicInteger();
    private final AtomicReference<Map<String, HoldAnswer>> answers = new AtomicReference<>(Map.of());

    HoldsDuringTheSweep(LegalHolds holds, DemoRecordings recordings, String officer) {
        this.holds = holds;
        this.officer = officer;
        this.idsBySid = recordings.group(DemoRecordings.DUE).stream()
                .collect(Collectors.toMap(row -> String.valueOf(row.getProviderRef()), RetentionDemo::id));
        CallRecording last = recordings.group(DemoRecordings.HELD_LATER).get(0);
        this.later = RetentionDemo.id(last);
    }

    /** Called before Twilio decides about the request, which so waits for the hold. */
    @Override
    public @Nullable TwilioFault received(TwilioRequest request, String user) {
        String underWay = request.sid() == null ? null : idsBySid.get(request.sid());
        if (request.method().equals("DELETE") && underWay != null && deletions.incrementAndGet() == AFTER_REQUESTS) {
            answers.set(
                    new TreeMap<>(holds.place("case-2026-18", List.of(underWay, later), officer, "litigation", null)));
        }
        return null;
    }

    /** What was answered, by recording. */
    Map<String, HoldAnswer> answers() {
        return answers.get();
    }
}
