package dev.retention.jpa;

class MariaDbTextIdsContractTest extends JpaRepositoryContractTest {
    MariaDbTextIdsContractTest() {
        super(TestDatabase.MARIADB, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
    }
}
