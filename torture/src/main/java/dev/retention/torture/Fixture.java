package dev.retention.torture;

import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioRecording;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The truth: what every row is and was, and what may be done with it. Nothing here is what the library says. */
final class Fixture {

    static final Duration PERIOD = Duration.ofDays(90);
    static final String LONG_TENANT = "bank";
    /** All of its recordings come under one hold. */
    static final String SUED_TENANT = "sued";

    static final int LONG_DAYS = 3650;
    private static final int OF_LATER_VERSION = 5;

    final List<String> accounts = new ArrayList<>();
    /** What is stored in the customer's bucket, whatever Twilio says. */
    final Set<String> bucket = ConcurrentHashMap.newKeySet();

    private final Instant began = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private final RowMaker maker;
    /** In the order of their ids; the engine adds some while others read. */
    private final ConcurrentNavigableMap<Long, Life> lives = new ConcurrentSkipListMap<>();

    /** Those that name a recording, or did. */
    private final Map<String, List<Life>> bySid = new ConcurrentHashMap<>();

    Fixture(long seed, int size) {
        for (int i = 0; i < 4; i++) {
            accounts.add(String.format("AC%032x", 0xabc0 + i));
        }
        maker = new RowMaker(seed, accounts, began);
        for (int i = 0; i < size; i++) {
            add(Life.fromTheBeginning(maker.next()));
        }
    }

    private void add(Life life) {
        lives.put(life.latest().id(), life);
        names(life, life.latest().sid());
    }

    private void names(Life life, @Nullable String sid) {
        if (sid != null) {
            List<Life> others = bySid.computeIfAbsent(sid, s -> new CopyOnWriteArrayList<>());
            if (!others.contains(life)) {
                others.add(life);
            }
        }
    }

    /** All rows, in the order of their ids, also those that the engine has deleted. */
    List<Row> rows() {
        return lives.values().stream().map(Life::latest).toList();
    }

    /** The engine is about to write this in place of the row; null to delete it. */
    Life changing(Row row, @Nullable Row to) {
        Life life = life(row);
        if (to != null) {
            names(life, to.sid());
        }
        life.begin(to);
        return life;
    }

    Life life(Row row) {
        return Objects.requireNonNull(lives.get(row.id()), "a row of the fixture");
    }

    /** A key that no row names. */
    synchronized String furtherSid() {
        return maker.furtherSid();
    }

    /**
     * So many further rows that are due, one of the account whose credentials are refused, and some of a later version
     * of the engine. They are known from now on, and are in no table yet.
     */
    synchronized List<Row> further(int many) {
        List<Row> further = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            further.add(maker.nextDue());
        }
        // A refusal postpones the ones that were claimed, and a later run must meet one, too.
        further.add(maker.nextOfRefusedAccount());
        for (int i = 0; i < OF_LATER_VERSION; i++) {
            further.add(maker.nextOfLaterVersion());
        }
        further.forEach(row -> add(Life.toBeWritten(row)));
        return further;
    }

    /** A young row with the recording of another one. It is known from now on, and is in no table yet. */
    synchronized Row twinOf(Row other) {
        Row twin = maker.twinOf(other);
        add(Life.toBeWritten(twin));
        return twin;
    }

    @Nullable
    Row byId(String id) {
        Life life = lives.get(Long.valueOf(id));
        return life == null ? null : life.latest();
    }

    /** The rows that name this recording, or did. */
    List<Row> bySid(@Nullable String sid) {
        return sid == null
                ? List.of()
                : bySid.getOrDefault(sid, List.of()).stream().map(Life::latest).toList();
    }

    List<Row> of(Nature... natures) {
        List<Nature> wanted = List.of(natures);
        return rows().stream().filter(row -> wanted.contains(row.nature())).toList();
    }

    /** Whether its recording may be deleted, as far as that depends on what the rows are that name it. */
    boolean mayBeDeleted(Row row) {
        return row.nature().mayBeDeleted && bySid(row.sid()).stream().allMatch(other -> other.nature().mayBeDeleted);
    }

    boolean hasLaterTwin(Row row) {
        return bySid(row.sid()).stream().anyMatch(other -> other.nature() == Nature.TWIN_LATER);
    }

    /** Whether a deletion at this time would be lawful by this row. */
    boolean isDue(Row row, Instant now) {
        Instant created = row.created();
        if (!row.nature().mayBeDeleted || created == null || row.deleted() != null || row.frozen()) {
            return false;
        }
        Duration period = LONG_TENANT.equals(row.tenant()) ? Duration.ofDays(LONG_DAYS) : PERIOD;
        return created.isBefore(now.minus(period))
                && (row.keepUntil() == null || !row.keepUntil().isAfter(now));
    }

    /** Later than all that happens. */
    Instant afterwards() {
        return began.plus(Duration.ofDays(1));
    }

    String accountOf(Row row) {
        return row.account() == null ? accounts.get(0) : row.account();
    }

    void addAccounts(LoopbackTwilio twilio) {
        for (String account : accounts) {
            twilio.addAccount(account, "unused-" + account);
        }
    }

    /** Records all calls at the provider. */
    void fill(LoopbackTwilio twilio) {
        addAccounts(twilio);
        rows().forEach(row -> fill(twilio, row));
    }

    void fill(LoopbackTwilio twilio, Row row) {
        String sid = row.sid();
        if (sid == null
                || row.nature() == Nature.HOSTILE_KEY
                || row.nature() == Nature.NEVER_KNOWN
                || twilio.recording(sid).isPresent()) {
            return;
        }
        Instant created = row.created() == null || row.nature() == Nature.FROM_THE_FUTURE ? began : row.created();
        TwilioRecording recording = TwilioRecording.completed(accountOf(row), sid, created);
        if (row.nature() == Nature.ELSEWHERE) {
            bucket.add(sid);
        }
        twilio.addRecording(
                switch (row.nature()) {
                    case ABSENT -> recording.withStatus("absent");
                    case PROCESSING -> recording.withStatus("processing");
                    case ELSEWHERE -> recording.withMediaUrl("https://bucket.example.com/" + sid);
                    default -> recording;
                });
        if (row.nature() == Nature.GONE_BEFORE) {
            twilio.deleteByHand(sid);
        }
    }

    /** What was being processed is complete from now on. */
    void complete(LoopbackTwilio twilio) {
        for (Row row : of(Nature.PROCESSING)) {
            if (row.sid() != null) {
                twilio.recording(row.sid())
                        .filter(recording -> recording.deleted() == null)
                        .ifPresent(recording -> twilio.addRecording(recording.withStatus("completed")));
            }
        }
    }
}
