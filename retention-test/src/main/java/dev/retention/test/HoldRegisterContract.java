package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.DeletionState;
import dev.retention.HoldAnswer;
import dev.retention.LegalHold;
import dev.retention.RetentionException;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/** What every {@link dev.retention.spi.HoldRegister} must do, as tests. */
public abstract class HoldRegisterContract extends PortContract {

    /** Its tests use this fixture. */
    protected HoldRegisterContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void answersForEachRecording() {
        List<EngineRow> rows = insertDue(6);
        SweepRun run = openRun();
        List<Claim> claims = claim(run, rows.subList(0, 3)).claims();
        EngineRow deletedByUs = rowOf(rows, claims.get(0));
        EngineRow inTheDoor = rowOf(rows, claims.get(1));
        EngineRow quarantined = rowOf(rows, claims.get(2));
        record(deleted(claims.get(0)), quarantine(claims.get(2)));
        EngineRow free = rows.get(3);
        EngineRow deletedByThem = rows.get(4);
        updateRow(deletedByThem.withDeleted(NOW, "asked for"));
        EngineRow young = insert(row(20, NOW));
        String unknown = newId(21);

        Map<String, HoldAnswer> answers = hold(
                "h",
                Stream.concat(
                                Stream.of(deletedByUs, inTheDoor, quarantined, free, deletedByThem, young)
                                        .map(EngineRow::id),
                                Stream.of(unknown))
                        .toList());

        assertThat(answers)
                .containsOnly(
                        Map.entry(deletedByUs.id(), HoldAnswer.ALREADY_DELETED),
                        Map.entry(inTheDoor.id(), HoldAnswer.LATE),
                        Map.entry(quarantined.id(), HoldAnswer.LATE),
                        Map.entry(free.id(), HoldAnswer.HELD),
                        Map.entry(deletedByThem.id(), HoldAnswer.HELD),
                        Map.entry(young.id(), HoldAnswer.HELD),
                        Map.entry(unknown, HoldAnswer.UNKNOWN));
        assertThat(entry(inTheDoor).held()).isTrue();
        assertThat(entry(quarantined).held()).isTrue();
        assertThat(entry(free).held()).isTrue();
        assertThat(entry(free).state()).isEqualTo(DeletionState.ACTIVE);
        assertThat(entry(young).held()).isTrue();
        assertThat(entry(deletedByUs).held()).isFalse();
        assertThat(entry(deletedByThem).held())
                .as("a soft-deleted row proves nothing")
                .isTrue();
        assertThat(repository.ledger().find(List.of(unknown))).isEmpty();
        assertThat(only(repository.holds().list(0, 9)).recordings()).isEqualTo(5);
    }

    @Test
    void holdsARowWithoutACreationTime() {
        needs(Capability.NULL_CREATED);
        EngineRow undated = insert(row(1, null));

        assertThat(hold("h", undated)).containsEntry(undated.id(), HoldAnswer.HELD);
    }

    @Test
    void takesAnIdThatOnlyLooksLikeOneForUnknown() {
        EngineRow row = insert(dueRow(1));
        List<String> lookalikes = lookalikes(row.id());

        assertThat(hold("h", lookalikes))
                .containsOnlyKeys(lookalikes)
                .allSatisfy((id, answer) -> assertThat(answer).isEqualTo(HoldAnswer.UNKNOWN));
        assertThat(repository.ledger().find(lookalikes)).isEmpty();
        assertThat(claim(openRun(), row).claims()).hasSize(1);
    }

    @Test
    void isInTheRegister() {
        EngineRow row = insert(dueRow(1));
        Instant until = dbNow.plus(Duration.ofDays(30));
        repository.holds().place("case 7", List.of(row.id()), "dpo", "court order", until, dbNow);

        assertThat(repository.holds().list(0, 9))
                .containsExactly(LegalHold.builder("case 7", "dpo", "court order", dbNow)
                        .until(until)
                        .recordings(1)
                        .build());
    }

    @Test
    void mayBeRepeatedAndExtendedToMoreRecordings() {
        List<EngineRow> rows = insertDue(2);
        hold("h", rows.get(0));
        assertThat(hold("h", rows.get(0))).containsEntry(rows.get(0).id(), HoldAnswer.HELD);
        assertThat(hold("h", rows.get(1))).containsEntry(rows.get(1).id(), HoldAnswer.HELD);

        assertThat(only(repository.holds().list(0, 9)).recordings()).isEqualTo(2);
        assertThat(repository.holds().release("h", "dpo", dbNow)).isTrue();
        assertThat(claim(openRun(), rows).claims()).hasSize(2);
    }

    @Test
    void freesARecordingWithTheLastHoldThatLiesOnIt() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();
        hold("h", row);
        hold("i", row);

        assertThat(repository.holds().release("h", "dpo", dbNow)).isTrue();
        assertThat(entry(row).held()).isTrue();
        assertThat(claim(run, row).claims()).isEmpty();

        assertThat(repository.holds().release("i", "dpo", dbNow)).isTrue();
        assertThat(entry(row).held()).isFalse();
        assertThat(claim(run, row).claims()).hasSize(1);
    }

    @Test
    void resumesWhatWasLookedUpAndKeptWhenItIsReleased() {
        EngineRow kept = insert(dueRow(1));
        EngineRow failing = insert(dueRow(2));
        SweepRun run = openRun();
        Claim keptClaim = only(claim(run, kept).claims());
        Claim failingClaim = only(claim(run, failing).claims());
        Instant later = dbNow.plus(Duration.ofHours(1));
        record(ClaimOutcome.retry(keptClaim, DeletionOutcome.KEPT, Cause.of("KEPT", "held"), dbNow, later)
                .inDoubt(true));
        record(retry(failingClaim, later));
        hold("one", List.of(kept, failing));
        hold("two", kept);

        repository.holds().release("one", "dpo", dbNow);
        assertThat(reclaim(dbNow)).as("another hold applies to it").isEmpty();
        repository.holds().release("two", "dpo", dbNow);

        assertThat(ids(reclaim(dbNow))).containsExactly(kept.id());
        assertThat(entry(failing).nextAttempt()).isEqualTo(later);
    }

    @Test
    void isReleasedOnce() {
        EngineRow row = insert(dueRow(1));
        hold("h", row);
        Instant later = dbNow.plusSeconds(5);

        assertThat(repository.holds().release("h", "boss", later)).isTrue();
        assertThat(repository.holds().release("h", "dpo", later.plusSeconds(1))).isFalse();
        assertThat(repository.holds().release("never placed", "dpo", later)).isFalse();

        LegalHold hold = only(repository.holds().list(0, 9));
        assertThat(hold.releasedBy()).isEqualTo("boss");
        assertThat(hold.releasedAt()).isEqualTo(later);
        assertThat(hold.recordings())
                .as("recordings that were held when it ended")
                .isEqualTo(1);
    }

    @Test
    void refusesTheIdOfAHoldThatWasReleased() {
        List<EngineRow> rows = insertDue(2);
        hold("h", rows.get(0));
        repository.holds().release("h", "dpo", dbNow);

        assertThatThrownBy(() -> hold("h", rows)).isInstanceOf(RetentionException.class);

        assertThat(claim(openRun(), rows).claims()).hasSize(2);
    }

    @Test
    void refusesAnotherReasonOrEndUnderTheSameIdAndStoresNothing() {
        List<EngineRow> rows = insertDue(2);
        hold("h", rows.get(0));
        List<String> more = List.of(rows.get(1).id());

        assertThatThrownBy(() -> repository.holds().place("h", more, "dpo", "another", null, dbNow))
                .isInstanceOf(RetentionException.class);
        assertThatThrownBy(() -> repository.holds().place("h", more, "dpo", "dispute", dbNow.plusSeconds(60), dbNow))
                .isInstanceOf(RetentionException.class);

        assertThat(ids(claim(openRun(), rows).claims()))
                .containsExactly(rows.get(1).id());
    }

    @Test
    void endsWhenItsEndHasCome() {
        List<EngineRow> rows = insertDue(3);
        Instant until = dbNow.plusSeconds(60);
        repository.holds().place("ends", ids(rows, 0, 1), "dpo", "dispute", until, dbNow);
        repository.holds().place("later", ids(rows, 1), "dpo", "dispute", until.plus(TICK), dbNow);
        repository.holds().place("lasts", ids(rows, 2), "dpo", "dispute", null, dbNow);
        SweepRun run = openRun();

        assertThat(repository.holds().expire(until.minus(TICK))).isZero();
        assertThat(claim(run, rows).claims()).isEmpty();
        assertThat(repository.holds().expire(until)).isEqualTo(1);
        assertThat(repository.holds().expire(until)).isZero();

        assertThat(ids(claim(run, rows).claims())).containsExactly(rows.get(0).id());
        LegalHold ended = repository.holds().list(0, 9).stream()
                .filter(hold -> hold.id().equals("ends"))
                .findFirst()
                .orElseThrow();
        assertThat(ended.releasedBy()).isEqualTo("expiry");
        assertThat(ended.releasedAt()).isEqualTo(until);
        assertThat(repository.holds().release("ends", "dpo", until)).isFalse();
    }

    @Test
    void areListedNewestFirstWithThoseThatEnded() {
        EngineRow row = insert(dueRow(1));
        for (int i = 0; i < 5; i++) {
            repository.holds().place("h" + i, List.of(row.id()), "dpo", "dispute", null, dbNow.plusSeconds(i));
        }
        repository.holds().release("h3", "dpo", dbNow.plusSeconds(9));

        assertThat(repository.holds().list(0, 9))
                .extracting(LegalHold::id)
                .containsExactly("h4", "h3", "h2", "h1", "h0");
        assertThat(repository.holds().list(1, 2)).extracting(LegalHold::id).containsExactly("h3", "h2");
        assertThat(repository.holds().list(5, 2)).isEmpty();
    }

    @Test
    void lieOnManyRecordingsAtOnce() {
        List<EngineRow> rows = IntStream.range(0, 1100).mapToObj(this::dueRow).toList();
        insertRows(rows);

        assertThat(hold("h", rows))
                .hasSize(1100)
                .allSatisfy((id, answer) -> assertThat(answer).isEqualTo(HoldAnswer.HELD));
        assertThat(claim(openRun(), rows).claims()).isEmpty();
        assertThat(repository.holds().release("h", "dpo", dbNow)).isTrue();
        assertThat(claim(openRun(), rows).claims()).hasSize(1100);
    }

    @Nested
    class ThatStay extends StickyHoldsContract {
        ThatStay() {
            super(HoldRegisterContract.this.fixture);
        }
    }

    @Nested
    class OnWhatIsNotMapped extends UnmappedHoldsContract {
        OnWhatIsNotMapped() {
            super(HoldRegisterContract.this.fixture);
        }
    }

    @Nested
    class ByAttribute extends HoldsByAttributeContract {
        ByAttribute() {
            super(HoldRegisterContract.this.fixture);
        }
    }
}
