package dev.retention.jpa;

import org.junit.jupiter.api.Tag;

@Tag("wide")
class PostgreSqlTextIdsContractTest extends JpaRepositoryContractTest {
    PostgreSqlTextIdsContractTest() {
        super(TestDatabase.POSTGRESQL, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
    }
}
