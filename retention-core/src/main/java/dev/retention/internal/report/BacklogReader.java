package dev.retention.internal.report;

import dev.retention.Backlog;
import dev.retention.Backlog.Overdue;
import dev.retention.Backlog.Some;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.internal.recording.LedgerEntries;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.HoldRegister.Scope;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.RecordingSource.Incomplete;
import dev.retention.spi.RecordingSource.Page;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Finds the due recordings and how long they have been due, with a few small reads and one count. */
public final class BacklogReader {

    private static final int FIRST_PAGE = 20;
    private static final int PAGE = 500;
    /** This many pages are read at most to find a recording that is not held. */
    private static final int MOST_PAGES = 20;

    private final RecordingRepository repository;
    private final DueCriteria criteria;

    public BacklogReader(RecordingRepository repository, DueCriteria criteria) {
        this.repository = repository;
        this.criteria = criteria;
    }

    public Backlog read(Instant at) {
        Counts counts = repository.recordings().count(criteria);
        Map<String, Overdue> oldest = new HashMap<>();
        Set<String> unreadable = new HashSet<>();
        List<Scope> scopes = counts.due() == 0 ? List.of() : repository.holds().scopes();
        for (Rule rule : counts.due() == 0 ? List.<Rule>of() : rules()) {
            oldest(rule, scopes, unreadable).ifPresent(found -> oldest.put(rule.policy(), found));
        }
        Incomplete incomplete = IncompleteRows.of(repository, criteria, counts);
        return new Backlog(
                at,
                counts.due() - counts.dueFlaggedHeld(),
                new Some(counts.withoutKey(), incomplete.withoutKey()),
                new Some(counts.undated(), incomplete.undated()),
                isEmpty(counts),
                new Some(
                        unreadable.size(),
                        unreadable.stream().sorted().limit(Some.MOST_NAMED).toList()),
                oldest);
    }

    private List<Rule> rules() {
        List<Rule> rules = new ArrayList<>(criteria.rules());
        rules.add(criteria.fallback());
        return rules.stream().filter(rule -> rule.cutoff() != null).toList();
    }

    private boolean isEmpty(Counts counts) {
        if (counts.due() + counts.withoutKey() + counts.undated() > 0) {
            return false;
        }
        Page first = repository.recordings().page(DueCriteria.erasure(criteria.now()), null, 1);
        return first.candidates().isEmpty() && first.unreadable().isEmpty();
    }

    /** @param unreadable gets the recordings that were met and can't be read */
    private Optional<Overdue> oldest(Rule rule, List<Scope> scopes, Set<String> unreadable) {
        DueCriteria narrowed = narrowed(rule);
        String cursor = null;
        for (int pages = 0; pages < MOST_PAGES; pages++) {
            Page page = repository.recordings().page(narrowed, cursor, pages == 0 ? FIRST_PAGE : PAGE);
            Map<String, LedgerEntry> entries = LedgerEntries.find(
                    repository, page.candidates().stream().map(Candidate::id).toList());
            unreadable.addAll(page.unreadable());
            entries.values().stream()
                    .filter(entry -> entry.state() == DeletionState.UNREADABLE)
                    .map(LedgerEntry::recordingId)
                    .forEach(unreadable::add);
            for (Candidate row : page.candidates()) {
                if (!unreadable.contains(row.id())
                        && criteria.governing(row.recording().attributes()).equals(rule)
                        && !isHeld(row, entries.get(row.id()), scopes)) {
                    return Optional.of(overdue(row, rule));
                }
            }
            cursor = page.next();
            if (cursor == null) {
                break;
            }
        }
        return Optional.empty();
    }

    /**
     * Criteria for the oldest recording that this rule governs. They also find recordings of shorter rules that are as
     * old, since a page can't exclude these. Those are overdue for longer anyway, so the recording that is overdue for
     * the longest time is found.
     */
    private DueCriteria narrowed(Rule rule) {
        Instant cutoff = Objects.requireNonNull(rule.cutoff());
        boolean isFallback = rule.equals(criteria.fallback());
        List<Rule> rules = criteria.rules().stream()
                .map(other ->
                        new Rule(other.policy(), other.match(), isFallback || isLonger(other, cutoff) ? null : cutoff))
                .toList();
        Rule fallback = criteria.fallback();
        return new DueCriteria(
                        criteria.now(),
                        rules,
                        isFallback ? fallback : new Rule(fallback.policy(), fallback.match(), null))
                .createdSince(criteria.earliestCreated());
    }

    private static boolean isLonger(Rule other, Instant cutoff) {
        return other.cutoff() == null || other.cutoff().isBefore(cutoff);
    }

    static boolean isHeld(Candidate row, @Nullable LedgerEntry entry, List<Scope> scopes) {
        return row.flaggedHeld()
                || entry != null && entry.held()
                || scopes.stream()
                        .anyMatch(scope -> scope.covers(row.recording().attributes()));
    }

    private Overdue overdue(Candidate row, Rule rule) {
        Instant due =
                row.recording().created().plus(Duration.between(Objects.requireNonNull(rule.cutoff()), criteria.now()));
        Instant until = row.retainUntil();
        Instant since = until == null || until.isBefore(due) ? due : until;
        return new Overdue(row.id(), rule.policy(), row.recording().created(), Duration.between(since, criteria.now()));
    }
}
