package dev.retention.torture;

import dev.retention.test.twilio.LoopbackTwilio;
import dev.retention.test.twilio.TwilioRecording;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The truth: what every row is, and what may be done with it. Nothing here is read back from the database. */
final class Fixture {

    static final Duration PERIOD = Duration.ofDays(90);
    static final String LONG_TENANT = "bank";
    /** All of its recordings come under one hold. */
    static final String SUED_TENANT = "sued";

    static final int LONG_DAYS = 3650;

    final List<String> accounts = new ArrayList<>();
    /** All rows, in the order of their ids; the engine adds some while others read. */
    final List<Row> rows;

    private final Instant began = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private final RowMaker maker;
    private final Map<String, List<Row>> bySid = new ConcurrentHashMap<>();
    private final Map<Long, Row> byId = new ConcurrentHashMap<>();

    Fixture(long seed, int size) {
        for (int i = 0; i < 4; i++) {
            accounts.add(String.format("AC%032x", 0xabc0 + i));
        }
        maker = new RowMaker(seed, accounts, began);
        List<Row> first = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            first.add(maker.next());
        }
        first.forEach(this::index);
        rows = new CopyOnWriteArrayList<>(first);
    }

    private void index(Row row) {
        byId.put(row.id(), row);
        if (row.sid() != null) {
            bySid.computeIfAbsent(row.sid(), sid -> new CopyOnWriteArrayList<>())
                    .add(row);
        }
    }

    /**
     * So many further rows that are due, and one of the account whose credentials are refused. They are known from now
     * on, and are in no table yet.
     */
    synchronized List<Row> further(int many) {
        List<Row> further = new ArrayList<>();
        for (int i = 0; i < many; i++) {
            further.add(maker.nextDue());
        }
        // A refusal postpones the ones that were claimed, and a later run must meet one, too.
        further.add(maker.nextOfRefusedAccount());
        further.forEach(this::index);
        rows.addAll(further);
        return further;
    }

    /** A young row with the recording of another one. It is known from now on, and is in no table yet. */
    synchronized Row twinOf(Row other) {
        Row twin = maker.twinOf(other);
        index(twin);
        rows.add(twin);
        return twin;
    }

    @Nullable
    Row byId(String id) {
        return byId.get(Long.valueOf(id));
    }

    /** The rows that name this recording. */
    List<Row> bySid(@Nullable String sid) {
        return sid == null ? List.of() : bySid.getOrDefault(sid, List.of());
    }

    List<Row> of(Nature... natures) {
        List<Nature> wanted = List.of(natures);
        return rows.stream().filter(row -> wanted.contains(row.nature())).toList();
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

    String accountOf(Row row) {
        return row.account() == null ? accounts.get(0) : row.account();
    }

    /** Records all calls at the provider. */
    void fill(LoopbackTwilio twilio) {
        for (String account : accounts) {
            twilio.addAccount(account, "unused-" + account);
        }
        rows.forEach(row -> fill(twilio, row));
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
