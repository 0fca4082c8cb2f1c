package dev.retention.jpa;

import org.junit.jupiter.api.Tag;

@Tag("wide")
class MySqlTextIdsContractTest extends JpaRepositoryContractTest {
    MySqlTextIdsContractTest() {
        super(TestDatabase.MYSQL, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
    }
}
