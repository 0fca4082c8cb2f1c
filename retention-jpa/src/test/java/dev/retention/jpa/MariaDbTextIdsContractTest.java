package dev.retention.jpa;

import org.junit.jupiter.api.Tag;

@Tag("wide")
class MariaDbTextIdsContractTest extends JpaRepositoryContractTest {
    MariaDbTextIdsContractTest() {
        super(TestDatabase.MARIADB, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
    }
}
