package dev.retention.jpa;

import org.junit.jupiter.api.Tag;

@Tag("wide")
class H2UuidIdsRepeatableReadContractTest extends JpaRepositoryContractTest {
    H2UuidIdsRepeatableReadContractTest() {
        super(TestDatabase.H2, Calls.UuidCall.class, "TRANSACTION_REPEATABLE_READ");
    }
}
