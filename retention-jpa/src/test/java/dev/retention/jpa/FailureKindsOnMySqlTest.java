package dev.retention.jpa;

import java.util.List;
import org.junit.jupiter.api.Test;

class FailureKindsOnMySqlTest extends FailureKindsTest {

    FailureKindsOnMySqlTest() {
        super(TestDatabase.MYSQL);
    }

    @Override
    String createUser() {
        return "create user " + user;
    }

    @Override
    String makeText(String table, String column) {
        return "alter table " + table + " modify " + column + " varchar(20)";
    }

    @Override
    String makeNumber(String table, String column) {
        return "alter table " + table + " modify " + column + " bigint";
    }

    @Override
    String shorten(String table, String column, int length) {
        return "alter table " + table + " modify " + column + " varchar(" + length + ")";
    }

    @Override
    List<String> refuseChanges(String table) {
        return List.of("create trigger refusing before update on " + table
                + " for each row signal sqlstate '45000' set message_text = 'the trigger refuses'");
    }

    @Override
    List<String> allowChanges(String table) {
        return List.of("drop trigger refusing");
    }

    @Override
    String endSessions() {
        return "select concat('kill ', id) from performance_schema.processlist where user = '" + user + "'";
    }

    @Override
    String waitForNoLock() {
        return "set innodb_lock_wait_timeout = 1";
    }

    @Test
    void refusesWithoutAGrant() {
        refusesWithout(
                "revoke select on retention_deletion from " + user, "grant select on retention_deletion to " + user);
    }

    @Test
    void isAwayWhileTheUserHasTooManyConnections() {
        isAwayWhile(
                "alter user " + user + " with max_user_connections 1",
                "alter user " + user + " with max_user_connections 0",
                "code 1226");
    }
}
