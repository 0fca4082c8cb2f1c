package dev.retention.jpa;

class MariaDbVoiceRecordingContractTest extends JpaRepositoryContractTest {
    MariaDbVoiceRecordingContractTest() {
        super(TestDatabase.MARIADB, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
    }
}
