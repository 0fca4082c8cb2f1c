package dev.retention.spi;

import dev.retention.Cause;
import dev.retention.LedgerEvent;
import dev.retention.LegalHold;
import dev.retention.SweepReport;
import dev.retention.spi.SweepRuns.SweepRun;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entry of the evidence log: one JSON object on one line, written once and then hashed as these bytes. Its values
 * are strings, integers, and objects of them; times are in UTC to the microsecond. All characters are ASCII, others are
 * escaped, so that no database and no file changes them. The first keys are {@code v}, the version of the format,
 * {@code kind} and {@code at}; the further keys are in the order of the factories below, and those without a value are
 * missing.
 *
 * <p>Ids, storage keys, accounts and names of policies are in the entry as they are; no attribute of a recording is.
 * Texts that people typed, or that may name a person, are there as a salted hash, and the text is stored beside the
 * log, where it can be erased: {@link Text}.
 *
 * <p>One class, so that all of the format is in one place.
 */
public final class EvidenceEntry {

    /** The version of the format. */
    public static final int FORMAT = 1;

    /** What an entry describes. */
    public enum Kind {
        /** A claim: from now on a request may be sent. */
        CLAIM("claim"),
        /** A claim was released, and this attempt had sent nothing. */
        CLAIM_RELEASE("claim-release"),
        /** The outcome of an attempt. */
        OUTCOME("outcome"),
        /** A hold was registered, or applied to a recording. */
        HOLD("hold"),
        /** A hold was released, or a recording from it. */
        RELEASE("release"),
        /** A hold ended by its time, as a whole or on a recording. */
        EXPIRY("expiry"),
        /** The policies of a run, in full. */
        POLICY("policy"),
        /** A run was opened. */
        RUN_START("run-start"),
        /** A run ended. */
        RUN_END("run-end"),
        /** A run was refused until a person confirms it. */
        REFUSAL("refusal"),
        /** A person confirmed a plan, or a run used a confirmation. */
        CONFIRMATION("confirmation"),
        /** A person accepted a recording as gone that nothing proves to be gone. */
        ACCEPTANCE("acceptance"),
        /** A person asked for an erasure. */
        ERASURE("erasure"),
        /** A person granted further attempts. */
        RETRY("retry"),
        /** Another event of the event log, such as a pause. */
        EVENT("event"),
        /** What a comparison with a storage found. */
        RECONCILIATION("reconciliation"),
        /** How many recordings a day had. */
        CENSUS("census"),
        /** A statement about a period. */
        STATEMENT("statement"),
        /** Exported entries were removed. */
        PRUNE("prune"),
        /** The log began beside a ledger that existed already. */
        ADOPTION("adoption");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** The value of the key {@code kind}. */
        public String text() {
            return text;
        }

        /** The kind under which an event of the event log is written. */
        static Kind of(LedgerEvent event) {
            return switch (event.kind()) {
                case "HOLD_PLACED" -> HOLD;
                case "HOLD_RELEASED" -> RELEASE;
                case "HOLD_EXPIRED" -> EXPIRY;
                case "SWEEP_REFUSED" -> REFUSAL;
                case "PLAN_CONFIRMED", "CONFIRMATION_TAKEN" -> CONFIRMATION;
                case "ACCEPTED_UNPROVEN" -> ACCEPTANCE;
                case "ERASURE", "ERASURE_HELD" -> ERASURE;
                case "RETRY_GRANTED" -> RETRY;
                default -> EVENT;
            };
        }
    }

    /**
     * A text that an entry contains only as a hash.
     *
     * @param hash what the entry contains: the SHA-256, in Base64, of the salt and the text after one another, in UTF-8
     * @param salt random characters
     * @param text the text
     */
    public record Text(String hash, String salt, String text) {}

    private final Kind kind;
    private final Instant at;
    private final @Nullable String recordingId;
    private final @Nullable String runId;
    private final String line;
    private final List<Text> texts;

    private EvidenceEntry(Builder builder) {
        this.kind = builder.kind;
        this.at = builder.at;
        this.recordingId = builder.recordingId;
        this.runId = builder.runId;
        this.line = builder.line.end();
        this.texts = List.copyOf(builder.texts);
    }

    /**
     * A claim, for a first attempt or a further one.
     *
     * @param at when, by the database's time
     */
    public static EvidenceEntry claim(Claim claim, Instant at) {
        Recording recording = claim.recording();
        Duration duration = claim.duration();
        return builder(Kind.CLAIM, at)
                .recording(claim.id())
                .run(claim.runId())
                .describes(recording)
                .number("seconds", duration == null ? null : duration.toSeconds())
                .text("policy", claim.policy())
                .time("cutoff", claim.cutoff())
                .number("attempt", (long) claim.attempt())
                .flag("late", claim.late())
                .build();
    }

    /** A claim that was released. */
    public static EvidenceEntry claimRelease(Claim claim, Instant at) {
        return builder(Kind.CLAIM_RELEASE, at)
                .recording(claim.id())
                .number("attempt", (long) claim.attempt())
                .build();
    }

    /** The outcome of an attempt, at {@link ClaimOutcome#at()}. */
    public static EvidenceEntry outcome(ClaimOutcome outcome) {
        return outcomeOf(outcome).build();
    }

    /**
     * The proof of another recording that was deleted with a claim's, since both name the same storage key.
     *
     * @param outcome the outcome of the other recording, which was not claimed itself: {@link ClaimOutcome#deletedToo}
     * @param claimed the recording that was claimed
     */
    public static EvidenceEntry outcomeWith(ClaimOutcome outcome, String claimed) {
        return outcomeOf(outcome)
                .describes(outcome.claim().recording())
                .text("with", claimed)
                .build();
    }

    private static Builder outcomeOf(ClaimOutcome outcome) {
        Cause cause = outcome.cause();
        return builder(Kind.OUTCOME, outcome.at())
                .recording(outcome.claim().id())
                .text("step", outcome.step().name())
                .text(
                        "outcome",
                        outcome.outcome() == null ? null : outcome.outcome().name())
                .text("evidence", outcome.evidence().text())
                .text("cause", cause == null ? null : cause.code())
                .text("storage", cause == null ? null : cause.storage())
                .number("attempt", (long) outcome.claim().attempt())
                .flag("doubt", outcome.inDoubt());
    }

    /**
     * Events of the event log, an entry for each. The detail of an event of a hold is the hold's id. A text that
     * several of them have is salted once.
     */
    public static List<EvidenceEntry> events(Collection<LedgerEvent> events) {
        Map<String, Text> salted = new HashMap<>();
        return events.stream().map(event -> event(event, salted)).toList();
    }

    private static EvidenceEntry event(LedgerEvent event, Map<String, Text> salted) {
        Kind kind = Kind.of(event);
        Builder entry = builder(kind, event.at())
                .text("event", event.kind())
                .recording(event.recordingId())
                .run(event.runId());
        boolean ofHold = kind == Kind.HOLD || kind == Kind.RELEASE || kind == Kind.EXPIRY;
        return (ofHold ? entry.text("hold", event.detail()) : entry.personal("detail", event.detail(), salted))
                .personal("by", event.actor(), salted)
                .build();
    }

    /**
     * A hold that was registered: why, by whom, and for how long. The recordings to which it applies have entries of
     * their own, which name them.
     */
    public static EvidenceEntry holdRegistered(LegalHold hold) {
        return builder(Kind.HOLD, hold.placedAt())
                .text("event", "HOLD_REGISTERED")
                .text("hold", hold.id())
                .time("until", hold.until())
                .text("attribute", hold.attribute())
                .personal("value", hold.value())
                .personal("reason", hold.reason())
                .personal("by", hold.placedBy())
                .build();
    }

    /**
     * The end of a hold, after which it applies to nothing new. Its recordings are released by entries of their own.
     *
     * @param by who ended it; null if it expired
     */
    public static EvidenceEntry holdEnded(String holdId, @Nullable String by, Instant at) {
        return builder(by == null ? Kind.EXPIRY : Kind.RELEASE, at)
                .text("event", "HOLD_ENDED")
                .text("hold", holdId)
                .personal("by", by)
                .build();
    }

    /**
     * The policies of a run, and that it was opened: two entries.
     *
     * @param run the run as it was opened
     */
    public static List<EvidenceEntry> runStart(SweepRun run) {
        return List.of(
                builder(Kind.POLICY, run.started())
                        .run(run.id())
                        .text("policies", run.policies())
                        .build(),
                builder(Kind.RUN_START, run.started())
                        .run(run.id())
                        .text("key", run.key())
                        .time("judged", run.judgedAt())
                        .time("deadline", run.deadline())
                        .number("max", run.maxDeletions())
                        .build());
    }

    /**
     * The end of a run, with all its counts.
     *
     * @param at when it was stored, by the database's time
     */
    public static EvidenceEntry runEnd(String runId, SweepReport report, Instant at) {
        Builder entry = builder(Kind.RUN_END, at)
                .run(runId)
                .text("end", report.end().name())
                .time("started", report.started())
                .time("ended", report.ended())
                .number("checked", report.checked())
                .number("deleted", report.deleted())
                .number("already-gone", report.alreadyGone())
                .number("nothing-stored", report.nothingStored())
                .number("failed", report.failed())
                .number("deferred", report.deferred())
                .number("unproven", report.unproven())
                .number("quarantined", report.quarantined())
                .number("held", report.held())
                .number("without-key", report.withoutKey())
                .number("remaining", report.remaining())
                .number("undated", report.undated())
                .number("engine-deleted", report.engineDeleted())
                .number("audio-seconds", report.audioFreed().toSeconds());
        return entry.times("cutoffs", report.cutoffs())
                .personal("message", report.message())
                .build();
    }

    /**
     * How many recordings were created on each of some days.
     *
     * @param from the first day
     * @param to the day after the last one
     * @param counts the days that have recordings
     * @param undated how many recordings have no creation time that can be; null if that was not counted
     * @param again whether the days were counted before
     */
    public static EvidenceEntry census(
            LocalDate from,
            LocalDate to,
            Map<LocalDate, Long> counts,
            @Nullable Long undated,
            boolean again,
            Instant at) {
        Map<String, Long> days = new HashMap<>();
        counts.forEach((day, count) -> days.put(day.toString(), count));
        return builder(Kind.CENSUS, at)
                .text("from", from.toString())
                .text("to", to.toString())
                .numbers("days", days)
                .number(
                        "recordings",
                        counts.values().stream().mapToLong(Long::longValue).sum())
                .number("undated", undated)
                .flag("again", again)
                .build();
    }

    /**
     * Starts building an entry of a kind that no factory above makes.
     *
     * @param at when, by the database's time
     */
    public static Builder builder(Kind kind, Instant at) {
        return new Builder(kind, at);
    }

    /** What it describes. */
    public Kind kind() {
        return kind;
    }

    /** When, by the database's time. */
    public Instant at() {
        return at;
    }

    /** The recording that it names; null if it names none. */
    public @Nullable String recordingId() {
        return recordingId;
    }

    /** The run that it names; null if it names none. */
    public @Nullable String runId() {
        return runId;
    }

    /** The line, without its end: what is stored. */
    public String line() {
        return line;
    }

    /** The line's bytes: what is hashed. */
    public byte[] bytes() {
        return line.getBytes(StandardCharsets.US_ASCII);
    }

    /** The texts of which it contains the hashes; to be stored in the same transaction. */
    public List<Text> texts() {
        return texts;
    }

    @Override
    public String toString() {
        return line;
    }

    /** Builds an entry. Values are written in the order of the calls; those that are null are left out. */
    public static final class Builder {

        private final Kind kind;
        private final Instant at;
        private final EvidenceLine line = new EvidenceLine();
        private final List<Text> texts = new ArrayList<>();
        private @Nullable String recordingId;
        private @Nullable String runId;

        private Builder(Kind kind, Instant at) {
            this.kind = kind;
            this.at = at.truncatedTo(ChronoUnit.MICROS);
            line.number("v", FORMAT).text("kind", kind.text()).text("at", time(at));
        }

        /** The recording, as {@code id}. */
        public Builder recording(@Nullable String id) {
            recordingId = id;
            return text("id", id);
        }

        /** The run, as {@code run}. */
        public Builder run(@Nullable String id) {
            runId = id;
            return text("run", id);
        }

        private Builder describes(Recording recording) {
            return text("key", recording.storageKey())
                    .text("account", recording.account())
                    .time("created", recording.created());
        }

        /** A text that names no person. */
        public Builder text(String key, @Nullable String value) {
            if (value != null) {
                line.text(key, value);
            }
            return this;
        }

        /** A text that people typed, or that may name one: only its salted hash is in the entry. */
        public Builder personal(String key, @Nullable String value) {
            return personal(key, value, new HashMap<>());
        }

        private Builder personal(String key, @Nullable String value, Map<String, Text> salted) {
            if (value != null && !value.isEmpty()) {
                Text text = salted.computeIfAbsent(value, EvidenceTexts::salted);
                texts.add(text);
                line.text(key, text.hash());
            }
            return this;
        }

        /** An integer. */
        public Builder number(String key, @Nullable Long value) {
            if (value != null) {
                line.number(key, value);
            }
            return this;
        }

        /** 1 if it is true; false is left out. */
        public Builder flag(String key, boolean value) {
            return number(key, value ? 1L : null);
        }

        /** A time. */
        public Builder time(String key, @Nullable Instant value) {
            return text(key, value == null ? null : time(value));
        }

        /** Times by name, ordered by the name; an empty map is left out. */
        public Builder times(String key, Map<String, Instant> values) {
            if (!values.isEmpty()) {
                line.object(key, values, (inner, value) -> inner.text(value.getKey(), time(value.getValue())));
            }
            return this;
        }

        /** Integers by name, ordered by the name; an empty map is left out. */
        public Builder numbers(String key, Map<String, Long> values) {
            if (!values.isEmpty()) {
                line.object(key, values, (inner, value) -> inner.number(value.getKey(), value.getValue()));
            }
            return this;
        }

        /** The entry. The builder is used up. */
        public EvidenceEntry build() {
            return new EvidenceEntry(this);
        }

        private static String time(Instant value) {
            return value.truncatedTo(ChronoUnit.MICROS).toString();
        }
    }
}
