package dev.retention.jpa;

import org.junit.jupiter.api.Tag;

@Tag("wide")
class MySqlVoiceRecordingContractTest extends JpaRepositoryContractTest {
    MySqlVoiceRecordingContractTest() {
        super(TestDatabase.MYSQL, VoiceRecording.class, "TRANSACTION_READ_COMMITTED");
    }
}
