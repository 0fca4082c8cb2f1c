package dev.retention.jpa;

class MariaDbUuidIdsRepeatableReadContractTest extends JpaRepositoryContractTest {
    MariaDbUuidIdsRepeatableReadContractTest() {
        super(TestDatabase.MARIADB, Calls.UuidCall.class, "TRANSACTION_REPEATABLE_READ");
    }
}
