package dev.retention.internal.evidence;

import dev.retention.EvidenceStatement;
import dev.retention.EvidenceStatement.Counts;
import dev.retention.EvidenceStatement.Group;
import dev.retention.RetentionException;
import dev.retention.internal.support.Sha256;
import dev.retention.spi.Census;
import dev.retention.spi.Census.Span;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.EvidenceEntry;
import dev.retention.spi.Population.Moment;
import dev.retention.spi.Population.Period;
import dev.retention.spi.RecordingRepository;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes statements, and writes an entry about each into the log. */
public final class Statements {

    private final RecordingRepository repository;
    private final TreeSealing sealing;
    private final Function<Instant, Judgement> judgement;

    /**
     * How recordings are judged.
     *
     * @param criteria which ones are due
     * @param policies the policies as a text
     */
    public record Judgement(DueCriteria criteria, String policies) {}

    /** @param judgement how recordings are judged at a time of the database */
    public Statements(RecordingRepository repository, TreeSealing sealing, Function<Instant, Judgement> judgement) {
        this.repository = repository;
        this.sealing = sealing;
        this.judgement = judgement;
    }

    /**
     * States the status of the recordings of a period.
     *
     * @param list where the ids of those that are not simply deleted or not due are written to; null for nowhere
     * @throws RetentionException if there is no evidence, the numbers contradict one another, or the database or the
     *     file fails
     */
    public EvidenceStatement of(Instant from, Instant to, @Nullable Path list) {
        if (!repository.evidence().enabled()) {
            throw RetentionException.refused("no evidence is written, so nothing can be stated: switch it on with"
                    + " retention.evidence.enabled, or build the repository with it");
        }
        Instant begin = from.truncatedTo(ChronoUnit.MICROS);
        Instant end = to.truncatedTo(ChronoUnit.MICROS);
        try (StatementList ids = new StatementList(list)) {
            Judgement judged = judgement.apply(repository.now());
            StatementCount count = new StatementCount(judged.criteria(), ids);
            repository
                    .population()
                    .read(new Period(begin, end, judged.criteria().earliestCreated()), count);
            return stated(
                    begin,
                    end,
                    count,
                    new StatementText.Bases(judged.policies(), ids.end(), Receipts.since(repository.evidence())));
        } catch (IOException | UncheckedIOException e) {
            throw new RetentionException(
                    RetentionException.Kind.UNAVAILABLE,
                    "the list of a statement's recordings could not be written to " + list + " (" + e.getMessage()
                            + "); there is no statement",
                    e);
        }
    }

    private EvidenceStatement stated(Instant from, Instant to, StatementCount count, StatementText.Bases bases) {
        Moment moment = count.moment();
        Counts counts = count.counts();
        List<Recount> recounts = recounts(from, to);
        SortedMap<LocalDate, Long> shrunk = new TreeMap<>();
        recounts.forEach(recount -> shrunk.putAll(recount.missing()));
        EvidenceStatement draft = new EvidenceStatement(from, to, moment.at(), counts, shrunk, "");
        String text = StatementText.of(
                sealing.origin(),
                draft,
                moment,
                bases,
                !repository.holds().unmappedScopes().isEmpty());
        List<EvidenceEntry> entries = new ArrayList<>();
        recounts.forEach(recount -> entries.add(recount.entry(moment.at())));
        entries.add(entry(draft, moment, bases, text));
        repository.evidence().append(entries);
        String note = SignedNote.of(text, sealing.key()).toString();
        return new EvidenceStatement(from, to, moment.at(), counts, shrunk, note);
    }

    private static EvidenceEntry entry(
            EvidenceStatement statement, Moment moment, StatementText.Bases bases, String text) {
        Counts counts = statement.counts();
        EvidenceEntry.Builder entry = EvidenceEntry.builder(EvidenceEntry.Kind.STATEMENT, moment.at())
                .time("from", statement.from())
                .time("to", statement.to())
                .number("entries", moment.sealed())
                .number("recordings", counts.recordings());
        for (Group group : Group.values()) {
            if (group.isDivided()) {
                entry.numbers(group.text(), counts.parts(group));
            } else {
                entry.number(group.text(), counts.of(group));
            }
        }
        return entry.number("audio-seconds", counts.audioFreed().toSeconds())
                .number("audio-unknown", counts.durationUnknown())
                .text("list", bases.list())
                .text("sha256", Base64Text.encode(Sha256.digest().digest(text.getBytes(StandardCharsets.UTF_8))))
                .build();
    }

    /** The whole days of the period that were counted before, counted again. */
    private List<Recount> recounts(Instant from, Instant to) {
        Census census = repository.census();
        List<Recount> recounts = new ArrayList<>();
        Optional<Span> counted = census.counted();
        if (counted.isPresent()) {
            LocalDate first = DailyCensus.dayOf(from.minusNanos(1)).plusDays(1);
            LocalDate end = DailyCensus.earlier(
                    DailyCensus.dayOf(to), counted.get().last().plusDays(1));
            LocalDate day = DailyCensus.later(first, counted.get().first());
            while (day.isBefore(end)) {
                LocalDate next = DailyCensus.earlier(day.plusDays(Census.MOST_DAYS), end);
                recounts.add(Recount.of(census, day, next));
                day = next;
            }
        }
        return recounts;
    }
}
