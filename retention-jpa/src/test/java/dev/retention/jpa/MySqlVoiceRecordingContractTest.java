package dev.retention.jpa;

class MySqlVoiceRecordingContractTest extends JpaRepositoryContractTest {
    MySqlVoiceRecordingContractTest() {
        super(TestDatabase.MYSQL, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
    }
}
