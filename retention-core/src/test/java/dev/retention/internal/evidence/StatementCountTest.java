package dev.retention.internal.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.EvidenceStatement.Counts;
import dev.retention.EvidenceStatement.Group;
import dev.retention.RetentionException;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Population.Member;
import dev.retention.spi.Population.Moment;
import dev.retention.spi.Population.Row;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** That a statement whose numbers contradict one another is none. */
class StatementCountTest {

    private static final Instant NOW = Instant.parse("2026-03-01T03:00:00Z");

    private final StatementCount count = new StatementCount(
            new DueCriteria(NOW, List.of(), new DueCriteria.Rule("default", Map.of(), NOW)), new StatementList(null));

    private static Member unreadable(String id) {
        return new Member(id, Row.UNREADABLE, null, null, false, false);
    }

    @Test
    void readsAsManyRowsAsTheDatabaseCounts() {
        count.begin(new Moment(NOW, 0, 2));
        count.member(unreadable("a"));
        assertThatThrownBy(count::counts)
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("the database counts 2 rows of the period, and 1 were read");
        count.member(unreadable("b"));
        // Of other periods, and of none.
        count.member(new Member("c", Row.UNDATED, null, null, false, false));
        count.member(new Member("d", Row.GONE, null, null, false, false));
        assertThat(count.counts().recordings()).isEqualTo(4);
        count.member(unreadable("twice"));
        assertThatThrownBy(count::counts).hasMessageContaining("and 3 were read");
    }

    @Test
    void whatWasReadBeforeTheTransactionWasRepeatedDoesNotCount() {
        count.begin(new Moment(NOW, 0, 1));
        count.member(unreadable("a"));
        count.begin(new Moment(NOW.plusSeconds(1), 0, 1));
        count.member(unreadable("a"));
        assertThat(count.counts().of(Group.UNREADABLE)).isEqualTo(1);
        assertThat(count.moment().at()).isEqualTo(NOW.plusSeconds(1));
    }

    @Test
    void groupsAddUp() {
        Map<Group, TreeMap<String, Long>> groups =
                Map.of(Group.HELD, new TreeMap<>(Map.of("", 1L)), Group.DELETED, new TreeMap<>(Map.of("DELETED", 2L)));
        assertThat(new Counts(3, Map.copyOf(groups), Duration.ZERO, 0).of(Group.DELETED))
                .isEqualTo(2);
        assertThatThrownBy(() -> new Counts(4, Map.copyOf(groups), Duration.ZERO, 0))
                .hasMessageContaining("of 4 recordings add up to 3");
    }
}
