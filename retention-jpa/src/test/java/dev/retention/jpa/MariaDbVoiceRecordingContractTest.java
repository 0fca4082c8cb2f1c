package dev.retention.jpa;

import org.junit.jupiter.api.Tag;

@Tag("wide")
class MariaDbVoiceRecordingContractTest extends JpaRepositoryContractTest {
    MariaDbVoiceRecordingContractTest() {
        super(TestDatabase.MARIADB, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
    }
}
