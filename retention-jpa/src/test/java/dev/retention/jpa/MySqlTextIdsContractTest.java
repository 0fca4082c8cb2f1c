package dev.retention.jpa;

class MySqlTextIdsContractTest extends JpaRepositoryContractTest {
    MySqlTextIdsContractTest() {
        super(TestDatabase.MYSQL, Calls.TextCall.class, "TRANSACTION_READ_COMMITTED");
    }
}
