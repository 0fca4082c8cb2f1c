package dev.retention.jpa;

class H2UuidIdsRepeatableReadContractTest extends JpaRepositoryContractTest {
    H2UuidIdsRepeatableReadContractTest() {
        super(TestDatabase.H2, Calls.UuidCall.class, "TRANSACTION_REPEATABLE_READ");
    }
}
