package dev.retention.jpa;

class H2TextIdsContractTest extends JpaRepositoryContractTest {
    H2TextIdsContractTest() {
        super(TestDatabase.H2, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
    }
}
