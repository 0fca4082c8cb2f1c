package dev.retention.jpa;

class H2VoiceRecordingContractTest extends JpaRepositoryContractTest {
    H2VoiceRecordingContractTest() {
        super(TestDatabase.H2, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
    }
}
