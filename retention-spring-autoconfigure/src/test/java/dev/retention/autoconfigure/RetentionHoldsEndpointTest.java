package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionSweeper;
import dev.retention.autoconfigure.RetentionEndpointTest.MemoryEngine;
import dev.retention.autoconfigure.WebEngine.Answer;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("The endpoint of legal holds over HTTP")
class RetentionHoldsEndpointTest {

    private final WebEngine engine = WebEngine.start(MemoryEngine.class);
    private final InMemoryRecordingRepository repository = engine.bean(InMemoryRecordingRepository.class);
    private final FakeRecordingStorage storage = engine.bean(FakeRecordingStorage.class);

    RetentionHoldsEndpointTest() {
        for (String id : new String[] {"1", "2", "acme"}) {
            storage.put("RE" + id);
            repository.put(EngineRow.of(id, "RE" + id, NOON.minus(Duration.ofDays(100)))
                    .withAttribute("tenant", id.equals("acme") ? "acme" : "other"));
        }
        storage.put("RErecent");
        repository.put(EngineRow.of("recent", "RErecent", NOON.minus(Duration.ofDays(1))));
    }

    @AfterEach
    void stop() {
        engine.close();
    }

    private Answer send(String... parameters) {
        Map<String, String> body = new HashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            body.put(parameters[i], parameters[i + 1]);
        }
        return engine.postTo("retentionholds", body);
    }

    @Test
    void placesAHoldThatKeepsARecordingUntilItIsReleased() {
        Answer placed =
                send("operation", "place", "holdId", "case-1", "ids", "1,nobody", "by", "dpo", "reason", "litigation");
        assertThat(placed.status()).as(placed.body().toString()).isEqualTo(200);
        assertThat(placed.body().at("/recordings/1").stringValue()).isEqualTo("HELD");
        assertThat(placed.body().at("/recordings/nobody").stringValue()).isEqualTo("UNKNOWN");
        assertThat(placed.body().at("/changed").booleanValue()).isTrue();

        engine.bean(RetentionSweeper.class).sweep();
        assertThat(storage.deletes()).extracting(recording -> recording.id()).containsExactlyInAnyOrder("2", "acme");

        assertThat(engine.getAt("retentionholds?limit=5")
                        .body()
                        .at("/holds/0/id")
                        .stringValue())
                .isEqualTo("case-1");
        assertThat(send("operation", "release", "holdId", "case-1", "by", "dpo")
                        .body()
                        .at("/changed")
                        .booleanValue())
                .isTrue();
        Answer again = send("operation", "release", "holdId", "case-1", "by", "dpo");
        assertThat(again.body().at("/changed").booleanValue()).isFalse();
        assertThat(again.body().at("/message").stringValue()).contains("nothing was changed");
        engine.bean(RetentionSweeper.class).sweep();
        assertThat(storage.deletes()).extracting(recording -> recording.id()).contains("1");
    }

    @Test
    void placesAHoldByAttributeOnThatAndNoOther() {
        Answer placed = send(
                "operation",
                "place",
                "holdId",
                "all",
                "attribute",
                "tenant",
                "value",
                "acme",
                "by",
                "dpo",
                "reason",
                "litigation");
        assertThat(placed.status()).as(placed.body().toString()).isEqualTo(200);
        assertThat(placed.body().at("/matching/held").longValue()).isEqualTo(1);
        assertThat(covered()).as("at once").isEqualTo(1);
        repository.put(EngineRow.of("young", "REyoung", NOON).withAttribute("tenant", "acme"));
        engine.bean(RetentionSweeper.class).sweep();
        assertThat(storage.deletes()).extracting(recording -> recording.id()).containsExactlyInAnyOrder("1", "2");
        assertThat(covered()).as("with what a sweep has found since").isEqualTo(2);
    }

    private long covered() {
        return engine.getAt("retentionholds").body().at("/holds/0/recordings").longValue();
    }

    @Test
    void aHoldMayExpire() {
        send(
                "operation",
                "place",
                "holdId",
                "case-1",
                "ids",
                "1",
                "by",
                "dpo",
                "reason",
                "litigation",
                "until",
                NOON.plusSeconds(60).toString());
        assertThat(engine.getAt("retentionholds").body().at("/holds/0/until").stringValue())
                .isEqualTo(NOON.plusSeconds(60).toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "operation=place|holdId=x|by=dpo|reason=r",
                "operation=place|holdId=x|by=dpo|reason=r|ids= , ",
                "operation=place|holdId=x|ids=1|reason=r",
                "operation=place|holdId=x|ids=1|by=dpo",
                "operation=place|holdId=x|ids=1|by=dpo|reason=r|until=tomorrow",
                "operation=place|holdId=x|ids=1|by=dpo|reason=r|until=2020-01-01T00:00:00Z",
                "operation=place|holdId=x|ids=1|attribute=tenant|value=acme|by=dpo|reason=r",
                "operation=place|holdId=x|attribute=tenant|by=dpo|reason=r",
                "operation=place|holdId=x|attribute=tenant|value=acme|until=2030-01-01T00:00:00Z|by=dpo|reason=r",
                "operation=release|by=dpo",
                "operation=lift|holdId=x|by=dpo"
            })
    void wrongParametersChangeNothing(String parameters) {
        Answer answer = send(parameters.split("[|=]"));
        assertThat(answer.status()).as(answer.body().toString()).isEqualTo(400);
        assertThat(answer.body().at("/error").stringValue()).isNotBlank();
        assertThat(engine.getAt("retentionholds").body().at("/holds").size()).isZero();
    }

    @Test
    void aHoldWithAnotherReasonIsAConflict() {
        send("operation", "place", "holdId", "case-1", "ids", "1", "by", "dpo", "reason", "litigation");
        Answer answer = send("operation", "place", "holdId", "case-1", "ids", "2", "by", "dpo", "reason", "other");
        assertThat(answer.status()).isEqualTo(409);
        assertThat(answer.body().at("/error").stringValue()).contains("case-1");
    }

    @Test
    void answersTheHoldsToAPostWithoutAnOperation() {
        assertThat(send().body().at("/holds").size()).isZero();
    }
}
