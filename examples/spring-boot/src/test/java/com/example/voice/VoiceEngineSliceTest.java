package com.example.voice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.RetentionSweeper;
import jakarta.persistence.EntityManager;
import java.time.LocalDateTime;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.data.jpa.test.autoconfigure.DataJpaTest;
import org.springframework.context.ApplicationContext;

/** Without credentials for Twilio, which the whole application would ask for. */
@DataJpaTest
@DisplayName("A slice test of the voice engine")
class VoiceEngineSliceTest {

    @Autowired
    private EntityManager entities;

    @Autowired
    private ApplicationContext context;

    @Test
    void needsNothingOfRetention() {
        CallRecording recording = new CallRecording("RE1", LocalDateTime.parse("2026-01-01T12:00:00"), "sales", 60);
        entities.persist(recording);
        entities.flush();
        assertThat(context.getBeanNamesForType(RetentionSweeper.class)).isEmpty();
    }
}
