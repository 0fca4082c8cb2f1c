package dev.retention.jpa;

import org.junit.jupiter.api.Tag;

@Tag("wide")
class PostgreSqlVoiceRecordingContractTest extends JpaRepositoryContractTest {
    PostgreSqlVoiceRecordingContractTest() {
        super(TestDatabase.POSTGRESQL, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
    }
}
