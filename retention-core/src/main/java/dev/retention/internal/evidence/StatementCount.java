package dev.retention.internal.evidence;

import dev.retention.EvidenceStatement.Counts;
import dev.retention.EvidenceStatement.Group;
import dev.retention.RetentionException;
import dev.retention.spi.Candidate;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Population;
import dev.retention.spi.Population.Member;
import dev.retention.spi.Population.Moment;
import dev.retention.spi.Population.Row;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Counts the recordings of a period by their status, and lists those that need an explanation. */
final class StatementCount implements Population.Reader {

    /** Rows that the database counts, too. */
    private static final Set<Row> IN_PERIOD = EnumSet.of(Row.PRESENT, Row.DIFFERENT, Row.UNREADABLE);

    private final DueCriteria criteria;
    private final StatementList list;
    private final Map<Group, SortedMap<String, Long>> groups = new EnumMap<>(Group.class);
    private @Nullable Moment moment;
    private long recordings;
    private long rows;
    private Duration audio = Duration.ZERO;
    private long unknown;

    StatementCount(DueCriteria criteria, StatementList list) {
        this.criteria = criteria;
        this.list = list;
    }

    @Override
    public void begin(Moment begun) {
        moment = begun;
        groups.clear();
        recordings = 0;
        rows = 0;
        audio = Duration.ZERO;
        unknown = 0;
        list.begin();
    }

    @Override
    public void member(Member member) {
        StatementGroups.Place place = StatementGroups.of(member, criteria, moment().at());
        recordings++;
        rows += IN_PERIOD.contains(member.row()) ? 1 : 0;
        groups.computeIfAbsent(place.group(), group -> new TreeMap<>()).merge(place.detail(), 1L, Long::sum);
        if (place.group() == Group.DELETED) {
            Candidate row = member.candidate();
            Duration duration = row == null ? null : row.duration();
            audio = duration == null ? audio : audio.plus(duration);
            unknown += duration == null ? 1 : 0;
        }
        if (place.group().isListed()) {
            list.add(place, member.id());
        }
    }

    Moment moment() {
        return Objects.requireNonNull(moment, "the period was read");
    }

    /** @throws RetentionException if other rows were read than the database counts */
    Counts counts() {
        if (rows != moment().rows()) {
            throw RetentionException.refused("the statement does not add up: the database counts "
                    + moment().rows() + " rows of the period, and " + rows + " were read. There is no statement; look"
                    + " for rows without an id, or with one that several rows have");
        }
        return new Counts(recordings, groups, audio, unknown);
    }
}
