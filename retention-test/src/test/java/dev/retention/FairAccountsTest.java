package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup.Identification;
import dev.retention.test.EngineRow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** One bad account stops or delays no other. Counted by what was sent, not by time. */
class FairAccountsTest {

    private static final int EACH = 30;

    private final World world = new World();
    private final CountDownLatch othersAreDone = new CountDownLatch(1);
    private final AtomicInteger ofOthers = new AtomicInteger();
    private final AtomicBoolean waitedInVain = new AtomicBoolean();

    /** Oldest first, with a recent one by which it is identified. */
    private void account(String account, Duration older, int count) {
        for (int n = 0; n < count; n++) {
            put(account + "-" + n, account, older.plusDays(30));
        }
        put(account + "-recent", account, Duration.ofDays(-10));
    }

    private void put(String id, String account, Duration overdue) {
        world.repository.put(
                EngineRow.of(id, "key-" + id, World.CUTOFF.minus(overdue)).withAccount(account));
        world.storage.put("key-" + id);
    }

    private void awaitOthers() {
        try {
            if (!othersAreDone.await(World.HUNG.toSeconds(), TimeUnit.SECONDS)) {
                waitedInVain.set(true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The last deletion of the fast account lets the slow one go on. */
    private void countFast() {
        for (int n = 0; n < EACH; n++) {
            String key = "key-fast-" + n;
            world.storage.answer(key, recording -> {
                if (ofOthers.incrementAndGet() == EACH) {
                    othersAreDone.countDown();
                }
                return DeletionResult.deleted("204");
            });
        }
    }

    private Function<Recording, DeletionResult> hanging() {
        return recording -> {
            awaitOthers();
            return DeletionResult.deleted("204");
        };
    }

    private void assertAllDeleted(SweepReport report) {
        assertThat(waitedInVain)
                .as("the others were done while the slow account hung")
                .isFalse();
        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(2 * EACH);
    }

    /** What was not found is counted as unproven, but the next sweep tries it again: nobody has to decide. */
    private void assertNothingIsQuarantined(SweepReport report) {
        assertThat(report.quarantined()).isZero();
        assertThat(world.repository.ledger().unfinished(null, 500))
                .isNotEmpty()
                .allMatch(entry -> entry.state() == DeletionState.DELETING);
    }

    @Test
    void oneWhoseFirstDeletionHangsDelaysNoOther() {
        account("slow", Duration.ofDays(1), EACH);
        account("fast", Duration.ZERO, EACH);
        countFast();
        for (int n = 0; n < EACH; n++) {
            world.storage.answer("key-slow-" + n, hanging());
        }

        SweepReport report = world.sweeper().sweep();

        assertAllDeleted(report);
        List<String> keys = world.deletedKeys();
        assertThat(keys.subList(0, EACH + 1)).as("asked for while it hung").contains("key-fast-29");
        assertThat(keys.subList(0, EACH + 1))
                .filteredOn(key -> key.startsWith("key-slow"))
                .hasSize(1);
    }

    @Test
    void oneWhoseIdentificationHangsDelaysNoOther() {
        account("slow", Duration.ofDays(1), EACH);
        account("fast", Duration.ZERO, EACH);
        countFast();
        world.storage.answerIdentifications(account -> {
            if ("slow".equals(account)) {
                awaitOthers();
            }
            return Identification.NOTHING_KNOWN;
        });

        assertAllDeleted(world.sweeper().sweep());
        assertThat(world.deletedKeys().subList(0, EACH)).allMatch(key -> key.startsWith("key-fast"));
    }

    /** They are read in the order of their age, so another page is read before the slow account has done its own. */
    @Test
    void oneThatHangsDelaysNotTheNextPage() {
        account("slow", Duration.ofDays(2), EACH - 10);
        account("fast", Duration.ofDays(1), 10);
        for (int n = 10; n < EACH; n++) {
            put("fast-" + n, "fast", Duration.ofDays(5));
        }
        for (int n = EACH - 10; n < EACH; n++) {
            put("slow-" + n, "slow", Duration.ofDays(4));
        }
        countFast();
        for (int n = 0; n < EACH; n++) {
            world.storage.answer("key-slow-" + n, hanging());
        }

        assertAllDeleted(world.builder(world.storage).batchSize(EACH).build().sweep());
    }

    private Function<Recording, DeletionResult> onceDeleted(int count, AtomicInteger deleted, DeletionResult result) {
        return recording -> deleted.incrementAndGet() > count ? result : DeletionResult.deleted("204");
    }

    /** The credentials lose their rights when twenty recordings are deleted: from then on, nothing is found. */
    private void loseAccessAfter(int count, boolean recentOnesToo) {
        AtomicInteger deleted = new AtomicInteger();
        for (int n = 0; n < 200; n++) {
            world.storage.answer("key-due-%04d".formatted(n), onceDeleted(count, deleted, DeletionResult.notFound()));
        }
        world.storage.answerLookUp(
                "key-y",
                recording -> recentOnesToo && deleted.get() > count
                        ? DeletionResult.notFound()
                        : DeletionResult.stillThere());
    }

    @Test
    void oneThatFindsNothingAnyMoreIsStoppedAndNothingIsQuarantined() {
        world.due(200).young("y");
        loseAccessAfter(20, true);

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertThat(report.deleted()).isEqualTo(20);
        assertNothingIsQuarantined(report);
        assertThat(world.storage.deletes()).hasSizeLessThan(20 + 10 + 20);

        world.storage.answerNormally();
        world.clock.advance(Duration.ofDays(1));
        assertThat(world.sweeper().sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(world.storage.holds("key-due-0199")).isFalse();
    }

    @Test
    void oneThatStillFindsRecentRecordingsGoesOn() {
        world.due(200).young("y");
        loseAccessAfter(20, false);

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(20);
        assertThat(report.unproven()).isEqualTo(180);
        assertThat(world.storage.identifications()).as("more seldom each time").hasSizeBetween(2, 6);
    }

    @Test
    void oneThatMayDeleteNothingAnyMoreIsStoppedAndNothingIsQuarantined() {
        world.due(200).young("y");
        AtomicInteger deleted = new AtomicInteger();
        for (int n = 0; n < 200; n++) {
            world.storage.answer("key-due-%04d".formatted(n), onceDeleted(20, deleted, DeletionResult.refused("no")));
        }
        world.storage.answerIdentifications(account -> deleted.get() > 20
                ? new Identification(DeletionResult.stop("401"), null)
                : Identification.NOTHING_KNOWN);

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(report.deleted()).isEqualTo(20);
        assertThat(report.quarantined()).isZero();
    }

    @Test
    void oneThatIsRefusedForTenRecordingsOnlyGoesOn() {
        world.due(50).young("y");
        for (int n = 20; n < 30; n++) {
            world.storage.answer("key-due-%04d".formatted(n), DeletionResult.refused("locked"));
        }

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(40);
        assertThat(report.quarantined()).isEqualTo(10);
    }

    /** As long as it is not known whether the account has lost its rights, no recording is blamed. */
    @Test
    void oneThatCanNotBeIdentifiedAgainBlamesNoRecording() {
        world.due(200).young("y");
        loseAccessAfter(20, true);
        AtomicInteger identified = new AtomicInteger();
        world.storage.answerIdentifications(account -> identified.incrementAndGet() == 1
                ? Identification.NOTHING_KNOWN
                : new Identification(DeletionResult.tryLater("503", null, true), null));

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.PROVIDER_DOWN);
        assertThat(report.deleted()).isEqualTo(20);
        assertNothingIsQuarantined(report);
    }

    /** What is mapped as the account is different for each row, and the storage finds nothing under such a name. */
    @Test
    void accountsOfOneRowEachThatFindNothingStopTheRun() {
        for (int n = 0; n < 200; n++) {
            String id = "row-%03d".formatted(n);
            world.repository.put(EngineRow.of(id, "key-" + id, World.CUTOFF.minus(Duration.ofDays(30)))
                    .withAccount("account-" + n));
        }

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.ACCOUNT_MISMATCH_SUSPECTED);
        assertNothingIsQuarantined(report);
        assertThat(world.storage.deletes()).hasSizeLessThan(60);
        assertThat(report.message()).contains("mapped as the account").hasSizeLessThan(4_000);
    }

    /** The due recordings of the last page may be of stopped accounts alone, and more than are claimed at once. */
    @Test
    void aStoppedAccountWithMuchLeftDoesNotKeepTheRunOpen() {
        account("bad", Duration.ZERO, 3 * EACH);
        account("good", Duration.ofDays(1), EACH);
        world.storage.answerIdentifications(account -> "good".equals(account)
                ? Identification.NOTHING_KNOWN
                : new Identification(DeletionResult.stop("401"), null));

        SweepReport report =
                world.builder(world.storage).maxConcurrency(2).build().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(report.deleted()).isEqualTo(EACH);
        assertThat(report.remaining()).isEqualTo(3 * EACH);
        assertThat(Duration.between(report.started(), report.ended()))
                .as("far from the end of its time")
                .isLessThan(Duration.ofMinutes(10));
    }

    /** The recordings of closed accounts are never deleted, so they come first each night. */
    @Test
    void closedAccountsStopNoOtherHoweverManyTheyAre() {
        closedAccounts(120);
        account("good", Duration.ZERO, EACH);

        SweepReport report = world.sweeper().sweep();

        assertThat(report.deleted()).isEqualTo(EACH);
        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(report.message()).doesNotContain("mapped as the account");
        assertThat(report.remaining()).isEqualTo(120);
    }

    /** What a storage knows of the newest account decides: without a usable answer, no other account is stopped. */
    @Test
    void closedAccountsStopNoOtherWhileTheNewestIsNotIdentified() {
        closedAccounts(120);
        account("good", Duration.ZERO, EACH);
        AtomicInteger asked = new AtomicInteger();
        world.storage.answerIdentifications(account -> {
            if (!"good".equals(account)) {
                return new Identification(DeletionResult.stop("401"), null);
            }
            return asked.incrementAndGet() < 4
                    ? new Identification(DeletionResult.tryLater("503", null, true), null)
                    : Identification.NOTHING_KNOWN;
        });

        SweepReport report = world.sweeper().sweep();

        assertThat(asked).hasValue(4);
        assertThat(report.deleted()).isEqualTo(EACH);
    }

    @Test
    void closedAccountsStopOthersIfTheNewestIsOfNoUseEither() {
        closedAccounts(120);
        put("young", "closed-young", Duration.ofDays(-10));

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(report.message()).contains("mapped as the account");
        assertThat(world.storage.identifications()).contains("closed-young").hasSizeLessThan(120);
    }

    private void closedAccounts(int count) {
        for (int n = 0; n < count; n++) {
            put("row-%03d".formatted(n), "closed-" + n, Duration.ofDays(300));
        }
        world.storage.answerIdentifications(account -> "good".equals(account)
                ? Identification.NOTHING_KNOWN
                : new Identification(DeletionResult.stop("401"), null));
    }

    /** What is mapped as the account is different for each row, and the keys are none of the storage. */
    @Test
    void accountsOfOneRowEachDoNotHideWrongKeys() {
        for (int n = 0; n < 200; n++) {
            String id = "row-%03d".formatted(n);
            world.repository.put(EngineRow.of(id, "../" + id, World.CUTOFF.minus(Duration.ofDays(30)))
                    .withAccount("account-" + n));
        }

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.STORAGE_KEY_SUSPECTED);
        assertThat(world.storage.calls()).hasSizeLessThan(10 + 20);
        assertThat(world.storage.identifications()).hasSizeLessThan(100);
        assertThat(report.message()).hasSizeLessThan(2_000);
    }

    @Test
    void accountsOfOneRowEachThatAreRefusedStopTheRun() {
        for (int n = 0; n < 200; n++) {
            put("row-%03d".formatted(n), "account-" + n, Duration.ofDays(30));
        }
        world.storage.answerIdentifications(new Identification(DeletionResult.stop("401"), null));

        SweepReport report = world.sweeper().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(report.remaining()).isEqualTo(200);
        assertThat(world.storage.identifications()).hasSizeLessThan(100);
        assertThat(world.storage.deletes()).isEmpty();
        assertThat(report.message()).contains("mapped as the account").hasSizeLessThan(4_000);
    }

    @Test
    void accountsThatAreRefusedBesideAGoodOneStopForThemselves() {
        account("good", Duration.ofDays(5), 5);
        for (int n = 0; n < 30; n++) {
            put("row-%03d".formatted(n), "account-" + n, Duration.ofDays(30));
        }
        world.storage.answer("key-good-0", recording -> {
            othersAreDone.countDown();
            return DeletionResult.deleted("204");
        });
        world.storage.answerIdentifications(account -> {
            if ("good".equals(account)) {
                return Identification.NOTHING_KNOWN;
            }
            awaitOthers();
            return new Identification(DeletionResult.stop("401"), null);
        });

        SweepReport report =
                world.builder(world.storage).maxConcurrency(50).build().sweep();

        assertThat(report.end()).isEqualTo(SweepEnd.CREDENTIALS_REFUSED);
        assertThat(report.deleted()).isEqualTo(5);
        assertThat(world.storage.identifications()).hasSize(31);
    }

    /** More accounts than are kept in memory, all of them good. */
    @Test
    void anyNumberOfAccountsIsSwept() {
        for (int n = 0; n < 1_500; n++) {
            put("row-%04d".formatted(n), "account-" + n, Duration.ofDays(30));
        }
        SweepReport report =
                world.builder(world.storage).batchSize(100).maxShare(1).build().sweep();
        assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
        assertThat(report.deleted()).isEqualTo(1_500);
    }
}
