package dev.retention.jpa;

class MySqlUuidIdsRepeatableReadContractTest extends JpaRepositoryContractTest {
    MySqlUuidIdsRepeatableReadContractTest() {
        super(TestDatabase.MYSQL, Calls.UuidCall.class, "TRANSACTION_REPEATABLE_READ");
    }
}
