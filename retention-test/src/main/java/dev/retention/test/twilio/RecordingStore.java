package dev.retention.test.twilio;

import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The recordings of all accounts, deleted ones too. Its callers hold the server's lock. */
final class RecordingStore {

    static final Pattern RECORDING_SID = Pattern.compile("RE[0-9a-fA-F]{32}");

    private final Clock clock;
    private final Map<String, TwilioRecording> recordings = new LinkedHashMap<>();
    private final Map<String, String> shownAccounts = new HashMap<>();
    private final Set<String> bucket = new TreeSet<>();

    RecordingStore(Clock clock) {
        this.clock = clock;
    }

    void put(TwilioRecording recording) {
        LoopbackTwilio.requireSid(RECORDING_SID, recording.sid(), "recording SID");
        recordings.put(recording.sid(), recording);
        if (recording.isExternal()) {
            bucket.add(recording.sid());
        }
    }

    /** What Twilio has stored elsewhere, and can't delete. */
    Set<String> bucket() {
        return bucket;
    }

    @Nullable
    TwilioRecording find(String sid) {
        return recordings.get(sid);
    }

    TwilioRecording require(String sid) {
        TwilioRecording recording = find(sid);
        if (recording == null) {
            throw new IllegalArgumentException("no recording " + sid);
        }
        return recording;
    }

    List<TwilioRecording> all() {
        return List.copyOf(recordings.values());
    }

    /** Those that are visible, newest first. */
    List<TwilioRecording> visible(Predicate<TwilioRecording> wanted, boolean softDeletedToo) {
        return recordings.values().stream()
                .filter(wanted)
                .filter(recording -> isVisible(recording, softDeletedToo))
                .sorted(Comparator.comparing(TwilioRecording::created)
                        .reversed()
                        .thenComparing(TwilioRecording::sid))
                .toList();
    }

    boolean isVisible(TwilioRecording recording, boolean softDeletedToo) {
        Instant deleted = recording.deleted();
        return deleted == null
                || softDeletedToo && clock.instant().isBefore(deleted.plus(LoopbackTwilio.SOFT_DELETED_FOR));
    }

    void delete(TwilioRecording recording) {
        recordings.put(recording.sid(), recording.deletedAt(clock.instant()));
    }

    void showUnder(String account, String sid) {
        TwilioAccounts.requireAccountSid(account);
        shownAccounts.put(require(sid).sid(), account);
    }

    void showAllUnderTheirOwn() {
        shownAccounts.clear();
    }

    String json(TwilioRecording recording) {
        return TwilioJson.recording(recording, shownAccounts.getOrDefault(recording.sid(), recording.account()));
    }
}
