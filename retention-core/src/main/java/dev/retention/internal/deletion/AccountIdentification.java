package dev.retention.internal.deletion;

import dev.retention.SweepEnd;
import dev.retention.internal.recording.Storages;
import dev.retention.internal.support.Texts;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingLookup.Identification;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Identifies an account before anything of it is deleted: the storages say whose account it is, and recent recordings,
 * which should exist, are looked up. This shows a wrong account, key or region.
 */
final class AccountIdentification {

    /** This many recent recordings are looked up at most, until one is found; those with invalid keys do not count. */
    static final int RECENT = 5;

    /** So many rows are read to find these, where the first ones have keys that a storage refuses. */
    static final int MOST_READ = 500;

    private final List<RecordingLookup> lookups;
    private final StorageCaller caller;
    private final Duration maxClockSkew;

    AccountIdentification(Storages storages, StorageCaller caller, Duration maxClockSkew) {
        this.lookups = storages.inOrder().stream()
                .filter(RecordingLookup.class::isInstance)
                .map(RecordingLookup.class::cast)
                .toList();
        this.caller = caller;
        this.maxClockSkew = maxClockSkew;
    }

    /** Whether a storage can be asked at all. */
    boolean isPossible() {
        return !lookups.isEmpty();
    }

    /**
     * The answers of storages about an account.
     *
     * @param storage the last one that was asked
     * @param objection why nothing of the account may be deleted; null if nothing prevents it
     * @param times the times of their clocks, by the storage's name
     * @param lookUps the results of look-ups of recent recordings, at the storage that found the fewest
     * @param thereMayBeMore whether further recent recordings may exist, which were not read
     */
    record Findings(
            String storage,
            @Nullable DeletionResult objection,
            Map<String, Instant> times,
            List<DeletionResult> lookUps,
            boolean thereMayBeMore) {}

    /** What the findings mean. */
    sealed interface Verdict {}

    /** It is the right one. */
    record Known() implements Verdict {}

    /** There was no recent recording by which to identify it. */
    record Untested() implements Verdict {}

    /** Too few of the recent recordings have valid keys: more of them are to be read, and it is asked again. */
    record MoreNeeded() implements Verdict {}

    /** It is not known yet; a missing answer counts against the account. */
    record Unanswered(String storage, List<DeletionResult> noAnswers) implements Verdict {}

    /**
     * Nothing of it may be deleted in this run.
     *
     * @param accountIsRefused whether the storage does not let the account in, or finds no such account; not whether
     *     its recordings or clocks look wrong
     * @param recordingsAreMissing whether nothing is wrong but that no recent recording was found
     */
    record Refused(SweepEnd end, String why, boolean accountIsRefused, boolean recordingsAreMissing)
            implements Verdict {

        Refused(SweepEnd end, String why) {
            this(end, why, false, false);
        }
    }

    /**
     * Runs on a worker thread.
     *
     * @param thereMayBeMore whether there may be further recent recordings
     */
    Findings ask(@Nullable String account, List<Recording> recent, boolean thereMayBeMore) {
        Map<String, Instant> times = new HashMap<>();
        for (RecordingLookup lookup : lookups) {
            Identification identification = caller.identify(lookup, account);
            if (identification.time() != null) {
                times.put(lookup.name(), identification.time());
            }
            if (identification.objection() != null) {
                return new Findings(lookup.name(), identification.objection(), times, List.of(), false);
            }
        }
        String asked = "";
        List<DeletionResult> least = List.of();
        for (RecordingLookup lookup : lookups) {
            List<Recording> held = recent.stream()
                    .filter(recording -> Storages.mayHold(lookup, recording))
                    .toList();
            if (held.isEmpty()) {
                continue;
            }
            asked = lookup.name();
            least = lookUpUntilFound(lookup, held);
            if (least.stream().noneMatch(AccountIdentification::isFound)) {
                break;
            }
        }
        return new Findings(asked, null, times, least, thereMayBeMore);
    }

    private List<DeletionResult> lookUpUntilFound(RecordingLookup lookup, List<Recording> recent) {
        List<DeletionResult> results = new ArrayList<>();
        for (Recording recording : recent) {
            DeletionResult result = caller.lookUp(lookup, recording);
            results.add(result);
            if (usable(results) == RECENT
                    || isFound(result)
                    || result.kind() == Kind.STOP
                    || result.kind() == Kind.MISMATCH) {
                break;
            }
        }
        return results;
    }

    /** How many were really looked up: nothing is sent for an invalid key. */
    private static long usable(List<DeletionResult> lookUps) {
        return lookUps.stream()
                .filter(result -> result.kind() != Kind.REFUSED_UNSENT)
                .count();
    }

    private static boolean isFound(DeletionResult result) {
        return switch (result.kind()) {
            case DELETED, ALREADY_GONE, NOTHING_STORED, KEPT_ELSEWHERE, STILL_THERE, NOT_YET, REFUSED -> true;
            case NOT_FOUND, TRY_LATER, REFUSED_UNSENT, STOP, MISMATCH -> false;
        };
    }

    /** @param now the database's time */
    Verdict judge(Findings findings, Instant now) {
        if (findings.objection() != null) {
            return judgeObjection(findings.storage(), findings.objection());
        }
        Optional<String> clock = wrongClock(findings.times(), now);
        if (clock.isPresent()) {
            return new Refused(SweepEnd.CLOCKS_DISAGREE, clock.get());
        }
        return judgeLookUps(findings);
    }

    private static Verdict judgeObjection(String storage, DeletionResult objection) {
        return switch (objection.kind()) {
            case STOP -> new Refused(SweepEnd.CREDENTIALS_REFUSED, objection.detail(), true, false);
            case TRY_LATER -> new Unanswered(storage, List.of(objection));
            case MISMATCH -> new Refused(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, objection.detail());
            default -> new Refused(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, objection.detail(), true, false);
        };
    }

    private Optional<String> wrongClock(Map<String, Instant> times, Instant now) {
        return times.entrySet().stream()
                .filter(told -> Duration.between(now, told.getValue()).abs().compareTo(maxClockSkew) > 0)
                .map(told -> "the clock of " + told.getKey() + " says " + told.getValue() + " and the database's " + now
                        + ", which is more than " + Texts.duration(maxClockSkew) + " apart")
                .findFirst();
    }

    private static Verdict judgeLookUps(Findings findings) {
        List<DeletionResult> lookUps = findings.lookUps();
        Optional<DeletionResult> mismatch = first(lookUps, Kind.MISMATCH);
        if (mismatch.isPresent()) {
            return new Refused(
                    SweepEnd.ACCOUNT_MISMATCH_SUSPECTED, mismatch.get().detail());
        }
        if (lookUps.stream().anyMatch(AccountIdentification::isFound)) {
            return new Known();
        }
        Optional<DeletionResult> stop = first(lookUps, Kind.STOP);
        if (stop.isPresent()) {
            return new Refused(SweepEnd.CREDENTIALS_REFUSED, stop.get().detail());
        }
        List<DeletionResult> noAnswers = lookUps.stream()
                .filter(result -> result.kind() == Kind.TRY_LATER)
                .toList();
        if (!noAnswers.isEmpty()) {
            return new Unanswered(findings.storage(), noAnswers);
        }
        if (findings.thereMayBeMore() && usable(lookUps) < RECENT) {
            return new MoreNeeded();
        }
        if (first(lookUps, Kind.NOT_FOUND).isPresent()) {
            return new Refused(
                    SweepEnd.ACCOUNT_MISMATCH_SUSPECTED,
                    "the storage found none of " + usable(lookUps)
                            + " recent recordings that should be there: the account,"
                            + " the keys or the region may be wrong",
                    false,
                    true);
        }
        return new Untested();
    }

    private static Optional<DeletionResult> first(List<DeletionResult> results, Kind kind) {
        return results.stream().filter(result -> result.kind() == kind).findFirst();
    }
}
