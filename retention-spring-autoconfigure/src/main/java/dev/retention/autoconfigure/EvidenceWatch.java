package dev.retention.autoconfigure;

import dev.retention.EvidenceStatus;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionException;
import dev.retention.autoconfigure.RetentionStatus.Attention;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.RecordingRepository;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Whether the evidence log is sealed and anchored as it should be. Read from the database no more often than
 * {@link #MAX_AGE}; not at all while the log is off, since its tables may not even be readable then.
 */
final class EvidenceWatch {

    static final Duration MAX_AGE = Duration.ofMinutes(1);
    static final Duration MAX_UNANCHORED = Duration.ofDays(1);
    /** One may fail, and a long run of another instance may hold the next. */
    static final int MAX_INTERVALS = 3;

    private final RetentionEvidence evidence;
    private final RecordingRepository repository;
    private final Clock clock;
    private final Duration sealInterval;
    private @Nullable View latest;

    /** @param sealInterval how often entries should be sealed */
    EvidenceWatch(RetentionEvidence evidence, RecordingRepository repository, Clock clock, Duration sealInterval) {
        this.evidence = evidence;
        this.repository = repository;
        this.clock = clock;
        this.sealInterval = sealInterval;
    }

    /**
     * The log at one time.
     *
     * @param at when it was read, by this instance's clock
     * @param unsealedFor for how long the oldest unsealed entry has been committed; zero if there is none
     * @param anchors each anchor
     */
    record View(Instant at, EvidenceStatus status, Duration unsealedFor, List<AnchorView> anchors) {

        /** For how long an entry has been sealed that an anchor lacks, at most; null without anchors. */
        @Nullable
        Duration unanchoredFor() {
            return anchors.stream()
                    .map(AnchorView::lacksFor)
                    .max(Duration::compareTo)
                    .orElse(null);
        }
    }

    /**
     * An anchor.
     *
     * @param lacksFor for how long the oldest sealed entry that it lacks has been sealed; zero if it has them all
     */
    record AnchorView(EvidenceStatus.Anchor status, Duration lacksFor) {}

    /**
     * What was read in the last minute, else what is read now; empty while the log is off.
     *
     * @throws RetentionException if the database fails
     */
    synchronized Optional<View> current() {
        if (!repository.evidence().enabled()) {
            return Optional.empty();
        }
        View known = latest;
        if (known != null) {
            Duration age = Duration.between(known.at(), clock.instant());
            if (!age.isNegative() && age.compareTo(MAX_AGE) < 0) {
                return Optional.of(known);
            }
        }
        View read = read();
        latest = read;
        return Optional.of(read);
    }

    /** What needs attention; empty if nothing does, or while the log is off. */
    List<Attention> attention() {
        try {
            return current().map(this::attention).orElse(List.of());
        } catch (RetentionException e) {
            // Deletions go on without it, so that the rest of the state must remain readable.
            return List.of(new Attention(
                    "the evidence log could not be read: " + e.getMessage(),
                    "check the database and the grants on the tables of the evidence log"));
        }
    }

    private View read() {
        Instant at = clock.instant();
        EvidenceStatus status = evidence.status();
        Instant now = repository.now();
        return new View(
                at,
                status,
                since(status.unsealedSince(), now),
                status.anchors().stream()
                        .map(anchor -> new AnchorView(anchor, lacksFor(anchor, status, now)))
                        .toList());
    }

    /** A head that is old and has everything is no reason for attention: there was nothing new. */
    private Duration lacksFor(EvidenceStatus.Anchor anchor, EvidenceStatus status, Instant now) {
        if (anchor.size() >= status.sealed()) {
            return Duration.ZERO;
        }
        return repository.evidence().seals(anchor.size() + 1, 1).stream()
                .findFirst()
                .map(EvidenceLog.Seal::at)
                .map(then -> since(then, now))
                .orElse(Duration.ZERO);
    }

    private static Duration since(@Nullable Instant then, Instant now) {
        return then == null || then.isAfter(now) ? Duration.ZERO : Duration.between(then, now);
    }

    private List<Attention> attention(View view) {
        List<Attention> attention = new ArrayList<>();
        if (view.unsealedFor().compareTo(sealInterval.multipliedBy(MAX_INTERVALS)) > 0) {
            attention.add(new Attention(
                    view.status().unsealed() + " entries of the evidence log are not sealed, the oldest for "
                            + Durations.readable(view.unsealedFor())
                            + ": until then nobody would notice if they were changed",
                    "the log of the application says why sealing fails; correct that, and it continues by itself"));
        }
        for (AnchorView anchor : view.anchors()) {
            String failure = anchor.status().failure();
            if (failure != null) {
                attention.add(new Attention(
                        "the newest head of the evidence log could not be anchored in '"
                                + anchor.status().name() + "': " + failure,
                        "correct what this names; it is tried again with each seal, and deletions go on"));
            } else if (anchor.lacksFor().compareTo(MAX_UNANCHORED) > 0) {
                attention.add(new Attention(
                        "the newest head of the evidence log in the anchor '"
                                + anchor.status().name() + "' is older than a day: entries that were sealed "
                                + Durations.readable(anchor.lacksFor()) + " ago are in none of its heads",
                        "the log of the instances that seal says why; check that one is running with this anchor"));
            }
        }
        SortedMap<LocalDate, Long> shrunk = evidence.shrunkDays();
        if (!shrunk.isEmpty()) {
            long rows = shrunk.values().stream().mapToLong(Long::longValue).sum();
            attention.add(new Attention(
                    "rows of recordings were removed since they were counted, or their creation times changed: missing="
                            + rows + ", of days=" + shrunk.size() + ", the first of which is " + shrunk.firstKey(),
                    "find out who removed them, since the library never does; a statement of the evidence log names the"
                            + " days"));
        }
        return attention;
    }
}
