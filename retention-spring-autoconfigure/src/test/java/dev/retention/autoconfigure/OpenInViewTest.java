package dev.retention.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionLedger;
import dev.retention.LegalHolds;
import dev.retention.RetentionOperations;
import dev.retention.autoconfigure.engine.TestCall;
import dev.retention.autoconfigure.engine.TestEngine;
import dev.retention.test.FakeRecordingStorage;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import jakarta.persistence.PersistenceContext;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@DisplayName("A web request with an open entity manager, Spring Boot's default,")
class OpenInViewTest {

    private static final WebEngine ENGINE = WebEngine.start(
            Engine.class,
            "spring.datasource.url=jdbc:h2:mem:" + UUID.randomUUID(),
            "spring.jpa.hibernate.ddl-auto=create-drop",
            "retention.schedule.enabled=false",
            "retention.jpa.entity=" + TestCall.class.getName(),
            "retention.jpa.attributes.storage-key=sid",
            "retention.jpa.attributes.created=recorded",
            "retention.jpa.attributes.deleted=removed",
            "retention.jpa.attributes.reason=removalReason");

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import({TestEngine.class, Contexts.OneStorage.class, Desk.class})
    static class Engine {}

    /** Masks a key for its answer, and saves nothing. */
    @RestController
    static class Desk {

        @PersistenceContext
        private EntityManager entities;

        private final LegalHolds holds;
        private final RetentionOperations operations;
        private final DeletionLedger ledger;

        Desk(LegalHolds holds, RetentionOperations operations, DeletionLedger ledger) {
            this.holds = holds;
            this.operations = operations;
            this.ledger = ledger;
        }

        @GetMapping("/{action}/{id}")
        Map<String, Object> masked(@PathVariable("action") String action, @PathVariable("id") UUID id) {
            TestCall call = entities.find(TestCall.class, id);
            call.sid = "masked";
            String text = id.toString();
            Object answer = switch (action) {
                case "hold" ->
                    holds.place("hold-" + id, List.of(text), "dpo", "lawsuit", null)
                            .get(text);
                case "erase" ->
                    operations.erase(List.of(text), "dpo", "a request").get(text);
                default -> ledger.find(text).isPresent();
            };
            return Map.of("answer", answer, "sameEntity", entities.find(TestCall.class, id) == call);
        }
    }

    @AfterAll
    static void stop() {
        ENGINE.close();
    }

    @ParameterizedTest
    @CsvSource({"hold, HELD", "erase, ERASED", "find, false"})
    void savesNoChangeByCallingTheLibrary(String action, String expected) {
        TestCall call = new TestCall("RE" + action, Instant.now());
        ENGINE.bean(EntityManagerFactory.class).runInTransaction(entities -> entities.persist(call));
        FakeRecordingStorage storage = ENGINE.bean(FakeRecordingStorage.class);
        storage.put(call.sid);

        WebEngine.Answer answer = ENGINE.getPage(action + "/" + call.callId);

        assertThat(answer.body().get("answer").asString()).as("%s", answer).isEqualTo(expected);
        assertThat(answer.body().get("sameEntity").booleanValue())
                .as("the request still has its entity manager")
                .isTrue();
        try (EntityManager entities = ENGINE.bean(EntityManagerFactory.class).createEntityManager()) {
            TestCall stored = entities.find(TestCall.class, call.callId);
            assertThat(stored.sid).isEqualTo("RE" + action);
            assertThat(stored.removed != null).isEqualTo(action.equals("erase"));
        }
        assertThat(storage.keys().contains("RE" + action)).isEqualTo(!action.equals("erase"));
    }

    /** Otherwise the test above would show nothing. */
    @Test
    void isTheDefault() {
        assertThat(ENGINE.bean(org.springframework.orm.jpa.support.OpenEntityManagerInViewInterceptor.class))
                .isNotNull();
    }
}
