package dev.retention.jpa;

class PostgreSqlUuidIdsRepeatableReadContractTest extends JpaRepositoryContractTest {
    PostgreSqlUuidIdsRepeatableReadContractTest() {
        super(TestDatabase.POSTGRESQL, Calls.UuidCall.class, "TRANSACTION_REPEATABLE_READ");
    }
}
