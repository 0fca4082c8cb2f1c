package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.LedgerEntry;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.DueCriteria;
import dev.retention.spi.Population;
import dev.retention.spi.Population.Member;
import dev.retention.spi.Population.Moment;
import dev.retention.spi.Population.Period;
import dev.retention.spi.Population.Row;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What every {@link Population} must do, as tests. */
public abstract class PopulationContract extends PortContract {

    private static final Instant FROM = CUTOFF.minus(Duration.ofDays(2));
    private static final Period PERIOD = new Period(FROM, CUTOFF, DueCriteria.EARLIEST_CREATED);

    private @Nullable SweepRun run;

    /** Its tests use this fixture. */
    protected PopulationContract(RepositoryFixture fixture) {
        super(fixture);
    }

    /** What was read, which begins again where the adapter does. */
    private static class Read implements Population.Reader {
        private final List<Member> members = new ArrayList<>();
        private @Nullable Moment moment;

        @Override
        public void begin(Moment begun) {
            moment = begun;
            members.clear();
        }

        @Override
        public void member(Member member) {
            assertThat(moment).isNotNull();
            members.add(member);
        }

        Moment moment() {
            return Objects.requireNonNull(moment);
        }

        List<String> ids() {
            return members.stream().map(Member::id).toList();
        }

        Member only() {
            assertThat(members).hasSize(1);
            return members.get(0);
        }
    }

    private Read read() {
        return read(new Read());
    }

    private Read read(Read reader) {
        repository.population().read(PERIOD, reader);
        return reader;
    }

    private EngineRow deletedRow(int n) {
        EngineRow row = insert(dueRow(n));
        SweepRun open = run == null ? openRun() : run;
        run = open;
        record(deleted(only(claim(open, row).claims())));
        return fixture.readRow(row.id()).orElseThrow();
    }

    @Test
    void readsTheRowsOfThePeriodOnce() {
        EngineRow first = insert(row(1, FROM));
        EngineRow last = insert(row(2, CUTOFF.minus(TICK)));
        EngineRow marked = insert(dueRow(3).withDeleted(NOW, "gone"));
        EngineRow keyless = insert(dueRow(4).withStorageKey(null));
        insert(row(5, FROM.minus(TICK)));
        insert(row(6, CUTOFF));

        Read read = read();

        assertThat(read.ids()).containsExactlyInAnyOrder(first.id(), last.id(), marked.id(), keyless.id());
        assertThat(read.members).allSatisfy(member -> {
            assertThat(member.row()).isEqualTo(Row.PRESENT);
            assertThat(member.entry()).isNull();
            assertThat(member.held()).isFalse();
            assertThat(member.recorded()).isFalse();
        });
        assertThat(read.members)
                .extracting(Member::candidate)
                .contains(candidate(first), candidate(marked), candidate(keyless));
        assertThat(read.moment().rows()).isEqualTo(4);
        assertThat(read.moment().at()).isBetween(dbNow.minus(Duration.ofHours(1)), dbNow.plus(Duration.ofHours(1)));
    }

    @Test
    void refusesAnEmptyPeriod() {
        assertThatThrownBy(() -> new Period(FROM, FROM, FROM)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void readsManyRowsOfOneInstant() {
        int many = 2_100;
        insertRows(IntStream.range(0, many).mapToObj(n -> row(n, FROM)).toList());

        Read read = read();

        assertThat(read.ids()).hasSize(many).doesNotHaveDuplicates();
        assertThat(read.moment().rows()).isEqualTo(many);
    }

    @Test
    void readsLiveRowsWithoutATimeInAnyPeriod() {
        needs(Capability.NULL_CREATED);
        EngineRow undated = insert(row(1, null));
        EngineRow early = insert(row(2, Instant.EPOCH.plusSeconds(5)));
        insert(row(3, null).withDeleted(NOW, "gone"));

        Read read = read();

        assertThat(read.ids()).containsExactlyInAnyOrder(undated.id(), early.id());
        assertThat(read.members).extracting(Member::row).containsOnly(Row.UNDATED);
        assertThat(read.moment().rows()).isZero();
    }

    @Test
    void readsRowsThatCantBeRead() {
        needs(Capability.UNREADABLE_ROWS);
        EngineRow good = insert(dueRow(1));
        EngineRow bad = insert(dueRow(2));
        fixture.makeUnreadable(bad.id());

        Read read = read();

        assertThat(read.ids()).containsExactlyInAnyOrder(good.id(), bad.id());
        assertThat(read.members.stream().filter(member -> member.id().equals(bad.id())))
                .singleElement()
                .returns(Row.UNREADABLE, Member::row)
                .returns(null, Member::candidate);
        assertThat(read.moment().rows()).isEqualTo(2);
    }

    @Test
    void saysWhatTheLedgerSays() {
        EngineRow row = insert(dueRow(1));
        Claim claim = only(claim(openRun(), row).claims());

        Member claimed = read().only();
        assertThat(claimed.row()).isEqualTo(Row.PRESENT);
        assertThat(state(claimed)).isEqualTo(DeletionState.DELETING);
        assertThat(claimed.recorded()).isFalse();

        record(quarantine(claim));
        assertThat(state(read().only())).isEqualTo(DeletionState.QUARANTINED);
    }

    private static @Nullable DeletionState state(Member member) {
        LedgerEntry entry = member.entry();
        return entry == null ? null : entry.state();
    }

    @Test
    void saysWhetherTheLogHasADeletion() {
        EngineRow row = deletedRow(1);

        Member unsealed = read().only();
        assertThat(state(unsealed)).isEqualTo(DeletionState.DELETED);
        assertThat(unsealed.row()).isEqualTo(Row.PRESENT);
        assertThat(unsealed.candidate()).isEqualTo(candidate(row));
        assertThat(unsealed.recorded()).isTrue();
        assertThat(read().moment().sealed()).isZero();

        sealAll();
        Read sealed = read();
        assertThat(sealed.only().recorded()).isTrue();
        assertThat(sealed.moment().sealed())
                .isEqualTo(repository.evidence().head().size())
                .isPositive();
    }

    private ClaimOutcome unproven(Claim claim) {
        return ClaimOutcome.quarantine(
                claim, DeletionOutcome.UNPROVEN, new Cause("NOT_FOUND", "fake", "404 not found"), dbNow);
    }

    @Test
    void saysWhetherTheLogHasAnAcceptance() {
        EngineRow row = insert(dueRow(1));
        record(unproven(only(claim(openRun(), row).claims())));
        repository.quarantine().acceptUnproven(List.of(row.id()), "dpo", dbNow);

        Member accepted = read().only();
        assertThat(state(accepted)).isEqualTo(DeletionState.DELETED);
        assertThat(accepted.recorded()).isTrue();
    }

    @Test
    void tellsARowThatContradictsItsLedgerEntry() {
        EngineRow rekeyed = deletedRow(1);
        EngineRow moved = deletedRow(2);
        EngineRow removed = deletedRow(3);
        EngineRow live = deletedRow(4);
        fixture.updateRow(rekeyed.withStorageKey("RE" + "f".repeat(32)));
        fixture.updateRow(moved.withCreated(CUTOFF.plus(Duration.ofDays(9))));
        fixture.removeRow(removed.id());
        fixture.updateRow(live.withDeleted(null, null));

        Read read = read();

        assertThat(read.ids()).hasSize(4).doesNotHaveDuplicates();
        assertThat(read.members).allSatisfy(member -> {
            assertThat(member.recorded()).isTrue();
            assertThat(member.row())
                    .isEqualTo(
                            member.id().equals(rekeyed.id())
                                    ? Row.DIFFERENT
                                    : member.id().equals(moved.id())
                                            ? Row.ELSEWHERE
                                            : member.id().equals(removed.id()) ? Row.GONE : Row.PRESENT);
        });
        assertThat(read.moment().rows()).isEqualTo(2);
    }

    /** What was only held was never described, so that nothing contradicts it. */
    @Test
    void tellsWhatIsHeld() {
        EngineRow held = insert(dueRow(1));
        hold("h", held);
        insert(dueRow(2));

        assertThat(read().members).allSatisfy(member -> {
            assertThat(member.held()).isEqualTo(member.id().equals(held.id()));
            assertThat(member.row()).isEqualTo(Row.PRESENT);
        });
    }

    @Test
    void tellsWhatItsRowFlagsAsHeld() {
        needs(Capability.HOLD_FLAG);
        insert(dueRow(1).withFlaggedHeld(true));
        assertThat(read().only().held()).isTrue();
    }

    @Test
    void tellsWhatAHoldByAttributeCovers() {
        needs(Capability.ATTRIBUTES);
        repository.holds().placeWhere("case", QUEUE, "sales", "dpo", "litigation", dbNow);
        EngineRow covered = insert(dueRow(1).withAttribute(QUEUE, "sales"));
        insert(dueRow(2).withAttribute(QUEUE, "test"));

        assertThat(read().members)
                .hasSize(2)
                .allSatisfy(member ->
                        assertThat(member.held()).isEqualTo(member.id().equals(covered.id())));
    }

    /** All that it reads was so at one moment: nothing that is committed later is seen. */
    @Test
    void seesNothingThatIsCommittedLater() {
        List<EngineRow> rows = IntStream.range(0, 5).mapToObj(this::dueRow).toList();
        insertRows(rows);
        Read reader = new Read() {
            @Override
            public void begin(Moment begun) {
                super.begin(begun);
                fixture.insertRow(dueRow(7));
                fixture.removeRow(rows.get(0).id());
                fixture.updateRow(rows.get(1).withDeleted(NOW, "gone"));
                fixture.updateRow(rows.get(2).withCreated(NOW));
            }
        };

        Read read = read(reader);

        assertThat(read.ids())
                .containsExactlyInAnyOrderElementsOf(
                        rows.stream().map(EngineRow::id).toList());
        assertThat(read.members)
                .extracting(Member::candidate)
                .containsExactlyInAnyOrderElementsOf(
                        rows.stream().map(row -> candidate(row)).toList());
        assertThat(read.moment().rows()).isEqualTo(5);
        // The twin: what was committed before is seen.
        assertThat(read().ids()).hasSize(4);
    }
}
