package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource.Page;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/** The fixture of the running test, and the rows of the engine's table that the contracts are written in. */
abstract class FixtureRows {

    static final Instant NOW = RepositoryFixture.NOW;
    static final Instant CUTOFF = NOW.minus(Duration.ofDays(90));
    static final Duration TICK = Duration.of(1, ChronoUnit.MICROS);
    static final String QUEUE = RepositoryFixture.QUEUE;
    static final String TENANT = RepositoryFixture.TENANT;

    final RepositoryFixture fixture;
    final long seed;
    final Random random;

    RecordingRepository repository;
    Instant dbNow;

    FixtureRows(RepositoryFixture fixture) {
        this.fixture = fixture;
        this.seed = fixture.seed();
        this.random = fixture.random();
    }

    /** The fixture was reset before this. */
    @BeforeEach
    final void takeRepository() {
        repository = fixture.repository();
        dbNow = fixture.startedAt();
    }

    final RecordingRepository createSecondInstance() {
        return fixture.createSecondInstance();
    }

    final RecordingRepository createInstanceWithout(String attribute) {
        return fixture.createInstanceWithout(attribute);
    }

    final void insertRows(Collection<EngineRow> rows) {
        fixture.insertRows(rows);
    }

    final void updateRow(EngineRow row) {
        fixture.updateRow(row);
    }

    final void removeRow(String id) {
        fixture.removeRow(id);
    }

    final Optional<EngineRow> readRow(String id) {
        return fixture.readRow(id);
    }

    final String newId(int n) {
        return fixture.newId(n);
    }

    final boolean supports(Capability capability) {
        return fixture.supports(capability);
    }

    final void pauseDeleting() {
        fixture.pauseDeleting();
    }

    final void ignoreSoftDelete(String id) {
        fixture.ignoreSoftDelete(id);
    }

    final void refuseSoftDelete(String id) {
        fixture.refuseSoftDelete(id);
    }

    final void makeUnreadable(EngineRow row) {
        needs(Capability.UNREADABLE_ROWS);
        fixture.makeUnreadable(row.id());
    }

    final void makeEntryUnreadable(EngineRow row) {
        needs(Capability.UNREADABLE_ENTRIES);
        fixture.makeEntryUnreadable(row.id());
    }

    final void whileRowIsLocked(String id, Runnable work) {
        fixture.whileRowIsLocked(id, work);
    }

    final void needs(Capability capability) {
        assumeTrue(supports(capability), () -> "this adapter has no " + capability);
    }

    final EngineRow row(int n, @Nullable Instant created) {
        return fit(EngineRow.of(newId(n), String.format("RE%032x", n), created).withAccount("AC1"));
    }

    /** A row that is due, the younger the larger n is. */
    final EngineRow dueRow(int n) {
        return row(n, CUTOFF.minus(Duration.ofDays(1)).plusSeconds(n));
    }

    final EngineRow dueRow(String id, int n) {
        EngineRow row = dueRow(n);
        return EngineRow.of(id, row.storageKey(), row.created()).withAccount(row.account());
    }

    final EngineRow insert(EngineRow row) {
        fixture.insertRow(row);
        return row;
    }

    final void insertShuffled(List<EngineRow> rows) {
        List<EngineRow> shuffled = new ArrayList<>(rows);
        Collections.shuffle(shuffled, random);
        insertRows(shuffled);
    }

    final List<EngineRow> insertDue(int count) {
        return insertDue(0, count);
    }

    /** Inserts so many due rows, the first of which is the n-th. */
    final List<EngineRow> insertDue(int n, int count) {
        List<EngineRow> rows =
                IntStream.range(n, n + count).mapToObj(this::dueRow).toList();
        insertRows(rows);
        return rows;
    }

    /** The row without the values that the adapter does not map. */
    final EngineRow fit(EngineRow row) {
        EngineRow fitting = row;
        if (!supports(Capability.ACCOUNT)) {
            fitting = fitting.withAccount(null);
        }
        if (!supports(Capability.RETAIN_UNTIL)) {
            fitting = fitting.withRetainUntil(null);
        }
        if (!supports(Capability.HOLD_FLAG)) {
            fitting = fitting.withFlaggedHeld(false);
        }
        if (!supports(Capability.DURATION)) {
            fitting = fitting.withDuration(null);
        }
        if (!supports(Capability.ATTRIBUTES)) {
            fitting = fitting.withAttribute(QUEUE, null).withAttribute(TENANT, null);
        }
        return fitting;
    }

    static DueCriteria criteria() {
        return new DueCriteria(NOW, List.of(), rule("default", CUTOFF));
    }

    static Rule rule(String policy, @Nullable Instant cutoff, String... match) {
        Map<String, String> matches = new LinkedHashMap<>();
        for (int i = 0; i < match.length; i += 2) {
            matches.put(match[i], match[i + 1]);
        }
        return new Rule(policy, matches, cutoff);
    }

    static Candidate candidate(EngineRow row) {
        return row.candidate().orElseThrow();
    }

    static List<Candidate> candidates(Collection<EngineRow> rows) {
        return rows.stream().map(FixtureRows::candidate).toList();
    }

    static Instant created(EngineRow row) {
        return Objects.requireNonNull(row.created());
    }

    final List<Candidate> paged(DueCriteria criteria, int limit) {
        List<Candidate> all = new ArrayList<>();
        Page page = repository.recordings().page(criteria, null, limit);
        all.addAll(page.candidates());
        // A cursor that does not advance must fail the test, not hang it.
        for (int pages = 0; page.next() != null && pages < 1000; pages++) {
            page = repository.recordings().page(criteria, page.next(), limit);
            assertThat(page.candidates()).hasSizeLessThanOrEqualTo(limit);
            all.addAll(page.candidates());
        }
        assertThat(page.next()).isNull();
        return all;
    }

    final List<String> pagedIds(DueCriteria criteria, int limit) {
        return paged(criteria, limit).stream().map(Candidate::id).toList();
    }

    static <T> T only(Collection<T> one) {
        assertThat(one).hasSize(1);
        return one.iterator().next();
    }

    static List<String> ids(List<EngineRow> rows, int... indexes) {
        return Arrays.stream(indexes).mapToObj(i -> rows.get(i).id()).toList();
    }

    /** Texts that a lenient comparison or conversion takes for the id, and some that are no id at all. */
    static List<String> lookalikes(String id) {
        return Stream.of(
                        id + " ",
                        " " + id,
                        id + "\n",
                        id.toUpperCase(Locale.ROOT),
                        id.toLowerCase(Locale.ROOT),
                        "0" + id,
                        "+" + id,
                        id + ".0",
                        "{" + id + "}",
                        "no id",
                        "é",
                        "9".repeat(Recording.MAX_ID_LENGTH))
                .filter(other -> !other.equals(id))
                .distinct()
                .toList();
    }
}
