package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionLedger;
import dev.retention.DeletionState;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.autoconfigure.WebEngine.Answer;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import tools.jackson.databind.JsonNode;

@DisplayName("The endpoint over HTTP")
class RetentionEndpointTest {

    private static final Duration OLD = Duration.ofDays(100);
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final WebEngine engine = WebEngine.start(MemoryEngine.class);
    private final InMemoryRecordingRepository repository = engine.bean(InMemoryRecordingRepository.class);
    private final FakeRecordingStorage storage = engine.bean(FakeRecordingStorage.class);

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration(exclude = {DataSourceAutoConfiguration.class, HibernateJpaAutoConfiguration.class})
    @Import({Contexts.Memory.class, Contexts.OneStorage.class})
    static class MemoryEngine {}

    /** A due recording for each id, and one that is not due and shows that this is the right account. */
    private void due(String... ids) {
        storage.put("recent");
        repository.put(EngineRow.of("recent", "recent", NOON.minus(Duration.ofDays(1))));
        for (String id : ids) {
            storage.put("RE" + id);
            repository.put(EngineRow.of(id, "RE" + id, NOON.minus(OLD)));
        }
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private String planWaiting() {
        engine.bean(RetentionSweeper.class).sweep();
        repository.setIdentity(new DatabaseIdentity("a clone elsewhere", false));
        assertThat(engine.bean(RetentionSweeper.class).sweep().end()).isEqualTo(SweepEnd.REFUSED);
        return engine.get("").body().at("/plans/0/id").stringValue();
    }

    private static void assertUnchanged(Answer answer, String message) {
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().at("/answer/changed").booleanValue()).isFalse();
        assertThat(answer.body().at("/answer/message").stringValue()).contains(message);
    }

    private static void assertChanged(Answer answer) {
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(200);
        assertThat(answer.body().at("/answer/changed").booleanValue()).isTrue();
    }

    @Test
    void showsTheStateOfAnEngineThatNeverSwept() {
        Answer answer = engine.get("");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().at("/attention/0/reason").stringValue()).contains("no live row");
        assertThat(answer.body().at("/backlog/tableIsEmpty").booleanValue()).isTrue();
        assertThat(answer.body().at("/policies/0/policy").stringValue()).isEqualTo("default");
        for (String none : List.of("/recentRuns", "/plans", "/quarantined/recordings")) {
            assertThat(answer.body().at(none).isArray()).as(none).isTrue();
            assertThat(answer.body().at(none).size()).as(none).isZero();
        }
        for (String no : List.of("/paused", "/dryRun", "/sweeping")) {
            assertThat(answer.body().at(no).booleanValue()).as(no).isFalse();
        }
        assertThat(answer.body().has("latestRun")).isFalse();
    }

    @Test
    void showsTheLatestRunAndHowItEnded() {
        due("1", "2");
        engine.bean(RetentionSweeper.class).sweep();
        JsonNode run = engine.get("").body().at("/latestRun");
        assertThat(run.at("/id").stringValue())
                .isEqualTo(repository.runs().latest().orElseThrow().id());
        assertThat(run.at("/claimed").longValue()).isEqualTo(2);
        assertThat(run.at("/started").stringValue()).isEqualTo(NOON.toString());
        assertThat(run.at("/report/deleted").longValue()).isEqualTo(2);
        assertThat(run.at("/report/end").stringValue()).isEqualTo("COMPLETED");
        assertThat(run.at("/report/audioFreed").stringValue()).isEqualTo("0 s");
        assertThat(run.at("/report/cutoffs/default").stringValue())
                .isEqualTo(NOON.minus(Duration.ofDays(90)).toString());
    }

    @Test
    void answersTheStateToAPostWithoutAnOperationAndChangesNothing() {
        due("1");
        String state = engine.get("").body().toString();
        assertThat(engine.post(Map.of()).body().toString()).isEqualTo(state);
        assertThat(engine.post(Map.of("by", "ann", "planId", "x", "ids", "1", "reason", "y"))
                        .body()
                        .toString())
                .isEqualTo(state);
        assertThat(storage.calls()).isEmpty();
        assertThat(repository.controls().all()).isEmpty();
    }

    @Test
    void showsWhatIsOverdueWhatPoliciesGovernAndTheLastRuns() {
        due("1", "2");
        storage.answer("RE1", DeletionResult.refused("no"));
        JsonNode before = engine.get("").body();
        assertThat(before.at("/backlog/due").longValue()).isEqualTo(2);
        assertThat(before.at("/backlog/oldest/default/overdue").stringValue()).isEqualTo("10 d");
        assertThat(before.at("/policies/0/due").longValue()).isEqualTo(2);
        assertThat(before.at("/policies/0/live").longValue()).isEqualTo(3);
        assertThat(before.at("/attention/0/reason").stringValue()).contains("due for 10 days");
        engine.bean(RetentionSweeper.class).sweep();
        engine.bean(RetentionSweeper.class).sweep();
        JsonNode after = engine.get("").body();
        assertThat(after.at("/backlog/due").longValue()).isEqualTo(1);
        assertThat(after.at("/backlog/oldest/default/recordingId").stringValue())
                .isEqualTo("1");
        assertThat(after.at("/recentRuns").size()).isEqualTo(2);
        assertThat(after.at("/recentRuns/0/id")).isEqualTo(after.at("/latestRun/id"));
        assertThat(after.at("/recentRuns/1/report/quarantined").longValue()).isEqualTo(1);
    }

    @Test
    void namesTheRowsThatNoSweepCanDelete() {
        repository.put(EngineRow.of("7", null, NOON.minus(Duration.ofDays(100))), EngineRow.of("8", "RE8", null));
        JsonNode state = engine.get("").body();
        assertThat(state.at("/backlog/withoutKey").toString()).isEqualTo("{\"count\":1,\"first\":[\"7\"]}");
        assertThat(state.at("/backlog/undated").toString()).isEqualTo("{\"count\":1,\"first\":[\"8\"]}");

        engine.bean(RetentionSweeper.class).sweep();

        assertThat(engine.get("").body().at("/latestRun/report/message").stringValue())
                .contains("have no storage key, so that no storage can be asked: 7. ", "they are kept: 8. ");
    }

    @Test
    void pausesOnceAndResumesOnce() {
        due("1");
        Answer paused = engine.post(Map.of("operation", "pause", "by", "ann", "reason", "audit"));
        assertChanged(paused);
        assertThat(paused.body().at("/paused").booleanValue()).isTrue();
        assertThat(engine.bean(RetentionSweeper.class).sweep().end()).isEqualTo(SweepEnd.PAUSED);
        assertUnchanged(engine.post(Map.of("operation", "pause", "by", "bob", "reason", "again")), "was paused before");
        assertUnchanged(engine.post(Map.of("operation", "sweep", "by", "bob")), "deleting was paused by ann at ");
        JsonNode pause = engine.get("").body().at("/pause");
        assertThat(pause.at("/by").stringValue()).isEqualTo("ann");
        assertThat(pause.at("/reason").stringValue()).isEqualTo("audit");
        assertThat(pause.at("/since").stringValue()).isEqualTo(NOON.toString());
        assertThat(storage.deletes()).isEmpty();

        Answer resumed = engine.post(Map.of("operation", "resume", "by", "bob"));
        assertChanged(resumed);
        assertThat(resumed.body().at("/paused").booleanValue()).isFalse();
        assertUnchanged(engine.post(Map.of("operation", "resume", "by", "bob")), "was not paused");
        assertThat(engine.bean(RetentionSweeper.class).sweep().deleted()).isEqualTo(1);
    }

    @Test
    void confirmsAPlanOnceAndNoUnknownOne() {
        due();
        String plan = planWaiting();
        JsonNode shown = engine.get("").body().at("/plans/0");
        assertThat(shown.at("/why").stringValue()).contains("a clone elsewhere");
        assertThat(shown.at("/drawn").stringValue()).isEqualTo(NOON.toString());
        assertThat(shown.has("due") && shown.has("ceiling")).isTrue();
        assertThat(shown.at("/target/database").stringValue()).isEqualTo("a clone elsewhere");
        assertThat(shown.at("/target/storages").toString()).isEqualTo("[\"" + storage.target() + "\"]");
        assertThat(shown.at("/target/environment").isString()).isTrue();
        assertThat(shown.at("/target/changes").toString())
                .contains("database was ", " and is a clone elsewhere")
                .doesNotContain("storage was", "environment was");
        JsonNode policy = shown.at("/policies/0");
        assertThat(policy.at("/name").stringValue()).isEqualTo("default");
        assertThat(policy.at("/period").stringValue()).isEqualTo("90 d");
        assertThat(policy.at("/match").toString()).isEqualTo("{}");
        assertThat(policy.at("/live").longValue()).isEqualTo(1);
        assertThat(policy.at("/due").isNumber()).isTrue();
        assertThat(policy.has("oldestDue")).isFalse();

        assertUnchanged(engine.post(Map.of("operation", "confirm", "by", "ann", "planId", "nope")), "no plan nope");
        assertThat(engine.bean(RetentionSweeper.class).sweep().end()).isEqualTo(SweepEnd.REFUSED);

        Answer confirmed = engine.post(Map.of("operation", "confirm", "by", "ann", "planId", plan));
        assertChanged(confirmed);
        assertThat(confirmed.body().at("/plans").isEmpty()).isTrue();
        assertThat(engine.bean(RetentionSweeper.class).sweep().end()).isEqualTo(SweepEnd.COMPLETED);
        assertUnchanged(engine.post(Map.of("operation", "confirm", "by", "ann", "planId", plan)), "no plan " + plan);
    }

    /** Recordings that the storage does not know, by their ids. */
    private void unproven(String... ids) {
        due(ids);
        for (String id : ids) {
            storage.answer("RE" + id, DeletionResult.notFound());
        }
        engine.bean(RetentionSweeper.class).sweep();
    }

    @Test
    void showsWhatWaitsForAPersonPageByPage() {
        unproven("1", "2", "3");
        JsonNode all = engine.get("").body().at("/quarantined");
        assertThat(all.at("/recordings")).hasSize(3);
        assertThat(all.has("next")).isFalse();
        JsonNode first = all.at("/recordings/0");
        assertThat(first.at("/id").stringValue()).isEqualTo("1");
        assertThat(first.at("/outcome").stringValue()).isEqualTo("UNPROVEN");
        assertThat(first.at("/cause/code").stringValue()).isEqualTo("NOT_FOUND");
        assertThat(first.at("/cause/storage").stringValue()).isEqualTo("archive");
        assertThat(first.at("/cause/detail").stringValue()).isNotBlank();
        assertThat(Instant.parse(first.at("/failingSince").stringValue()))
                .isBetween(NOON, NOON.plus(Duration.ofMinutes(1)));
        assertThat(all.toString()).doesNotContain("RE1");

        JsonNode page = engine.get("?limit=2").body().at("/quarantined");
        assertThat(page.at("/recordings")).hasSize(2);
        JsonNode rest = engine.get("?limit=2&after=" + page.at("/next").stringValue())
                .body()
                .at("/quarantined");
        assertThat(rest.at("/recordings")).hasSize(1);
        assertThat(rest.at("/recordings/0/id").stringValue()).isEqualTo("3");
        assertThat(rest.has("next")).isFalse();
    }

    @Test
    void retriesAndAcceptsWhatWaitsAndNothingElse() {
        unproven("1", "2");
        repository.put(EngineRow.of("9", "RE9", NOON.minus(OLD)));
        Answer nothing = engine.post(Map.of("operation", "accept", "by", "dpo", "ids", "9,recent"));
        assertUnchanged(nothing, "0 of 2 recordings");
        assertThat(nothing.body().at("/answer/recordings/9").stringValue()).isEqualTo("UNKNOWN");
        assertUnchanged(engine.post(Map.of("operation", "retry", "by", "dpo", "ids", "9")), "0 of 1 recordings");
        assertThat(repository.row("9").orElseThrow().deleted()).isNull();

        Answer accepted = engine.post(Map.of("operation", "accept", "by", "dpo", "ids", "1"));
        assertChanged(accepted);
        assertThat(accepted.body().at("/answer/recordings/1").stringValue()).isEqualTo("DONE");
        assertThat(accepted.body().at("/quarantined/recordings")).hasSize(1);
        assertThat(engine.bean(DeletionLedger.class).find("1").orElseThrow().state())
                .isEqualTo(DeletionState.DELETED);
        assertUnchanged(engine.post(Map.of("operation", "accept", "by", "dpo", "ids", "1")), "0 of 1 recordings");

        assertChanged(engine.post(Map.of("operation", "retry", "by", "dpo", "ids", "1, 2")));
        assertThat(engine.bean(DeletionLedger.class).find("2").orElseThrow().state())
                .isEqualTo(DeletionState.DELETING);
    }

    @Test
    void previewsWithoutDeletingOrClaiming() {
        due("1");
        Answer answer = engine.post(Map.of("operation", "preview"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().at("/answer/preview/deleted").longValue()).isEqualTo(1);
        assertThat(answer.body().at("/answer/changed").booleanValue()).isFalse();
        assertThat(storage.calls()).isEmpty();
        assertThat(repository.runs().latest()).isEmpty();
    }

    @Test
    void startsASweepAndAnswersAtOnceAndStartsNoSecondOne() throws InterruptedException {
        due("1");
        CountDownLatch answered = new CountDownLatch(1);
        storage.blockUntil(answered);
        Answer started = engine.post(Map.of("operation", "sweep", "by", "ann"));
        assertChanged(started);
        assertThat(started.body().at("/sweeping").booleanValue()).isTrue();
        assertThat(storage.awaitCalls(1, PATIENCE)).isTrue();
        assertUnchanged(engine.post(Map.of("operation", "sweep", "by", "bob")), "sweeps already");
        answered.countDown();
        assertThat(storage.awaitCalls(2, PATIENCE)).isTrue();
        engine.close();
        assertThat(storage.deletes()).hasSize(1);
    }

    @Test
    void showsWhatKeepsASweepFromGettingOn() {
        due("1");
        storage.answerLookUp("recent", DeletionResult.tryLater("answered 503", null, true));
        RetentionSweeper sweeper = engine.bean(RetentionSweeper.class);
        assertThat(engine.get("").body().at("/obstacles").isEmpty()).isTrue();
        assertChanged(engine.post(Map.of("operation", "sweep", "by", "ann")));
        long patience = System.nanoTime() + PATIENCE.toNanos();
        while (sweeper.obstacles().isEmpty() && System.nanoTime() - patience < 0) {
            Thread.onSpinWait();
        }

        JsonNode state = engine.get("").body();

        assertThat(state.at("/obstacles")).hasSize(1);
        JsonNode obstacle = state.at("/obstacles/0");
        assertThat(obstacle.at("/cause/code").stringValue()).isNotBlank();
        assertThat(obstacle.at("/cause/detail").stringValue()).contains("answered 503");
        assertThat(Instant.parse(obstacle.at("/since").stringValue()))
                .isBetween(NOON, NOON.plus(Duration.ofMinutes(5)));
        assertThat(state.at("/attention").toString()).contains("nothing is deleted", "answered 503");
        engine.close();
        assertThat(sweeper.obstacles()).isEmpty();
    }

    @Test
    void saysThatTheDatabaseIsAway() {
        repository.setUnreachable(true);
        Answer answer = engine.get("");
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.body().at("/error").stringValue()).isNotBlank();
        repository.setUnreachable(false);
        assertThat(engine.get("").status()).isEqualTo(200);
    }
}
