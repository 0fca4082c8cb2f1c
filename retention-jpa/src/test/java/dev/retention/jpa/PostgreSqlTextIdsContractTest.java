package dev.retention.jpa;

class PostgreSqlTextIdsContractTest extends JpaRepositoryContractTest {
    PostgreSqlTextIdsContractTest() {
        super(TestDatabase.POSTGRESQL, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
    }
}
