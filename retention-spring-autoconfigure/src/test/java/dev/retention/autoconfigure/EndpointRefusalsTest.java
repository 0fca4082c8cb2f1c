package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionSweeper;
import dev.retention.autoconfigure.WebEngine.Answer;
import dev.retention.spi.DeletionResult;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each of these operations could be carried out if its parameters were right. */
@DisplayName("The endpoint over HTTP refuses")
class EndpointRefusalsTest {

    private static final WebEngine ENGINE = WebEngine.start(RetentionEndpointTest.MemoryEngine.class);

    @BeforeAll
    static void addARecordingThatNeedsADecision() {
        FakeRecordingStorage storage =
                ENGINE.bean(FakeRecordingStorage.class).put("recent", "RE1").answer("RE1", DeletionResult.notFound());
        ENGINE.bean(InMemoryRecordingRepository.class)
                .put(
                        EngineRow.of("recent", "recent", NOON.minus(Duration.ofDays(1))),
                        EngineRow.of("1", "RE1", NOON.minus(Duration.ofDays(100))));
        ENGINE.bean(RetentionSweeper.class).sweep();
        assertThat(storage.deletes()).hasSize(1);
        assertThat(ENGINE.get("").body().at("/quarantined/recordings")).hasSize(1);
    }

    @AfterAll
    static void stop() {
        ENGINE.close();
    }

    private static void setPaused(boolean paused) {
        ENGINE.post(
                paused
                        ? Map.of("operation", "pause", "by", "eve", "reason", "first")
                        : Map.of("operation", "resume", "by", "eve"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "operation=sweeep | operation is 'sweeep'; allowed are pause, resume, confirm, retry, accept,"
                        + " write-off, reinstate, preview, sweep",
                "operation=erase by=ann ids=1 | operation is 'erase'; allowed are",
                "operation=pause by=ann | needs the parameter 'reason'",
                "operation=pause reason=audit | needs the parameter 'by'",
                "operation=pause by=ann reason=TOOLONG | reason",
                "operation=resume | needs the parameter 'by'",
                "operation=confirm by=ann | needs the parameter 'planId'",
                "operation=confirm planId=x | needs the parameter 'by'",
                "operation=retry by=ann | needs the parameter 'ids'",
                "operation=retry by=ann ids=, | needs the parameter 'ids'",
                "operation=retry ids=1 | needs the parameter 'by'",
                "operation=accept by=ann | needs the parameter 'ids'",
                "operation=accept ids=1 | needs the parameter 'by'"
            })
    void refusesWrongParametersAndChangesNothing(String request, String message) {
        setPaused(!request.contains("pause"));
        String state = ENGINE.get("").body().toString();
        Map<String, String> parameters = new HashMap<>();
        for (String parameter : request.replace("TOOLONG", "x".repeat(201)).split(" ")) {
            parameters.put(parameter.split("=", 2)[0], parameter.split("=", 2)[1]);
        }
        Answer answer = ENGINE.post(parameters);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("/error").stringValue()).contains(message);
        assertThat(ENGINE.get("").body().toString()).isEqualTo(state);
    }

    @ParameterizedTest
    @ValueSource(strings = {"?limit=0", "?limit=1001", "?limit=many"})
    void refusesAPageOfAnImpossibleSize(String query) {
        assertThat(ENGINE.get(query).status()).isEqualTo(400);
    }
}
