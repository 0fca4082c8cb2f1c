package dev.retention.jpa;

class PostgreSqlVoiceRecordingContractTest extends JpaRepositoryContractTest {
    PostgreSqlVoiceRecordingContractTest() {
        super(TestDatabase.POSTGRESQL, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
    }
}
