package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.DueCriteria.Rule;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingSource.Counts;
import dev.retention.spi.RecordingSource.PolicyCounts;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;

/** What a {@link dev.retention.spi.RecordingSource} reads from random rows, compared with a model in memory. */
abstract class RandomRowsContract extends PortContract {

    RandomRowsContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void agreesWithTheCriteriaOnRandomRows(TestReporter reporter) {
        List<EngineRow> rows = randomRows(300);
        insertShuffled(rows);
        for (int i = 0; i < 12; i++) {
            DueCriteria criteria = randomCriteria();
            String what = "seed " + seed + ", " + criteria;

            assertThat(paged(criteria, 7)).as(what).containsExactlyElementsOf(dueInOrder(rows, criteria));
            assertThat(repository.recordings().count(criteria)).as(what).isEqualTo(counted(rows, criteria));
            for (String account : Arrays.asList(null, "AC1", "ac1")) {
                assertThat(repository.recordings().recentNotDue(criteria, account, 20))
                        .as(what + ", account " + account)
                        .extracting(Recording::created)
                        .containsExactlyElementsOf(notDueNewestFirst(rows, criteria, account).stream()
                                .map(Recording::created)
                                .limit(20)
                                .toList());
                assertThat(notDueNewestFirst(rows, criteria, account))
                        .as(what + ", account " + account)
                        .containsAll(repository.recordings().recentNotDue(criteria, account, 20));
            }
        }
    }

    @Test
    void agreeWithThePolicyThatGovernsEachRow() {
        List<EngineRow> rows = randomRows(120);
        insertRows(rows);
        for (int i = 0; i < 12; i++) {
            DueCriteria criteria = randomCriteria();
            assertThat(repository.recordings().countByPolicy(criteria))
                    .as("seed %s, %s", seed, criteria)
                    .isEqualTo(expected(rows, criteria));
        }
    }

    @Test
    void ofAnEmptyTableAreZero() {
        assertThat(repository.recordings().countByPolicy(criteria()))
                .containsExactly(new PolicyCounts("default", 0, 0, 0, null));
    }

    private List<PolicyCounts> expected(List<EngineRow> rows, DueCriteria criteria) {
        return Stream.concat(criteria.rules().stream(), Stream.of(criteria.fallback()))
                .map(rule -> {
                    List<Candidate> live = rows.stream()
                            .map(EngineRow::candidate)
                            .flatMap(Optional::stream)
                            .filter(row ->
                                    row.deleted() == null && row.recording().storageKey() != null)
                            .filter(row -> criteria.governing(row.recording().attributes()) == rule)
                            .toList();
                    List<Candidate> due = live.stream().filter(criteria::isDue).toList();
                    return new PolicyCounts(
                            rule.policy(),
                            live.size(),
                            due.size(),
                            due.stream().filter(Candidate::flaggedHeld).count(),
                            due.stream()
                                    .map(row -> row.recording().created())
                                    .min(Comparator.naturalOrder())
                                    .orElse(null));
                })
                .toList();
    }

    private List<EngineRow> randomRows(int count) {
        List<EngineRow> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EngineRow row = row(i, oneOf(randomInstants()));
            if (random.nextInt(8) == 0) {
                row = row.withStorageKey(null);
            }
            if (random.nextInt(8) == 0) {
                row = row.withDeleted(NOW.minusSeconds(random.nextInt(1000)), "gone");
            }
            if (random.nextInt(20) == 0 && supports(Capability.NULL_CREATED)) {
                row = row.withCreated(null);
            }
            if (random.nextInt(4) == 0) {
                row = row.withRetainUntil(oneOf(List.of(NOW, NOW.plus(TICK), NOW.minus(TICK), NOW.minusSeconds(9))));
            }
            rows.add(fit(row.withAccount(oneOfNullable("AC1", "ac1", null))
                    .withFlaggedHeld(random.nextInt(6) == 0)
                    .withDuration(random.nextBoolean() ? Duration.ofSeconds(random.nextInt(500)) : null)
                    .withAttribute(QUEUE, oneOfNullable("sales", "Sales", "sales ", "support", null))
                    .withAttribute(TENANT, oneOfNullable("acme", "ACME", "other", null))));
        }
        return rows;
    }

    private DueCriteria randomCriteria() {
        List<Rule> rules = new ArrayList<>();
        int count = supports(Capability.ATTRIBUTES) ? random.nextInt(4) : 0;
        for (int i = 0; i < count; i++) {
            String queue = oneOfNullable("sales", "SALES", "support", "absent", null);
            String tenant = oneOfNullable("acme", "other", null);
            Map<String, String> match = new LinkedHashMap<>();
            if (queue != null) {
                match.put(QUEUE, queue);
            }
            if (tenant != null) {
                match.put(TENANT, tenant);
            }
            rules.add(new Rule("policy" + i, match, randomCutoff()));
        }
        return new DueCriteria(NOW, rules, new Rule("default", Map.of(), randomCutoff()));
    }

    private @Nullable Instant randomCutoff() {
        return random.nextInt(5) == 0 ? null : oneOf(randomInstants());
    }

    /** Few of them, so that rows tie with each other and with cutoffs. */
    private static List<Instant> randomInstants() {
        List<Instant> instants = new ArrayList<>();
        for (int days = 30; days <= 150; days += 30) {
            Instant instant = NOW.minus(Duration.ofDays(days));
            instants.addAll(List.of(instant.minus(TICK), instant, instant.plus(TICK)));
        }
        instants.add(NOW);
        instants.add(NOW.plus(TICK));
        return instants;
    }

    private <T> T oneOf(List<T> values) {
        return values.get(random.nextInt(values.size()));
    }

    private @Nullable String oneOfNullable(@Nullable String... values) {
        return values[random.nextInt(values.length)];
    }

    /** Rows were numbered as their ids are ordered, and the sort is stable. */
    private static List<Candidate> dueInOrder(List<EngineRow> rows, DueCriteria criteria) {
        return rows.stream()
                .map(EngineRow::candidate)
                .flatMap(Optional::stream)
                .filter(row -> criteria.isDue(row) && row.recording().storageKey() != null)
                .sorted(Comparator.comparing(row -> row.recording().created()))
                .toList();
    }

    private static List<Recording> notDueNewestFirst(
            List<EngineRow> rows, DueCriteria criteria, @Nullable String account) {
        return rows.stream()
                .map(EngineRow::candidate)
                .flatMap(Optional::stream)
                .filter(row -> row.deleted() == null && !criteria.isDue(row))
                .map(Candidate::recording)
                .filter(recording -> recording.storageKey() != null && Objects.equals(recording.account(), account))
                .sorted(Comparator.comparing(Recording::created).reversed())
                .toList();
    }

    private static Counts counted(List<EngineRow> rows, DueCriteria criteria) {
        List<Candidate> due = rows.stream()
                .map(EngineRow::candidate)
                .flatMap(Optional::stream)
                .filter(criteria::isDue)
                .toList();
        return new Counts(
                due.stream().filter(row -> row.recording().storageKey() != null).count(),
                due.stream()
                        .filter(row -> row.recording().storageKey() != null && row.flaggedHeld())
                        .count(),
                due.stream().filter(row -> row.recording().storageKey() == null).count(),
                rows.stream()
                        .filter(row -> row.deleted() == null
                                && (row.created() == null || created(row).isAfter(criteria.now())))
                        .count());
    }
}
