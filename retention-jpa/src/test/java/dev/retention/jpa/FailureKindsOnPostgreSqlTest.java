package dev.retention.jpa;

import java.util.List;
import org.junit.jupiter.api.Test;

class FailureKindsOnPostgreSqlTest extends FailureKindsTest {

    FailureKindsOnPostgreSqlTest() {
        super(TestDatabase.POSTGRESQL);
    }

    @Override
    String createUser() {
        return "create role " + user + " login";
    }

    @Override
    String makeText(String table, String column) {
        return "alter table " + table + " alter column " + column + " type varchar(20)";
    }

    @Override
    String makeNumber(String table, String column) {
        return "alter table " + table + " alter column " + column + " type bigint using " + column + "::bigint";
    }

    @Override
    String shorten(String table, String column, int length) {
        return "alter table " + table + " alter column " + column + " type varchar(" + length + ")";
    }

    @Override
    List<String> refuseChanges(String table) {
        return List.of(
                "create function refuse() returns trigger language plpgsql as"
                        + " $$ begin raise exception 'the trigger refuses'; end $$",
                "create trigger refusing before update on " + table + " for each row execute function refuse()");
    }

    @Override
    List<String> allowChanges(String table) {
        return List.of("drop trigger refusing on " + table, "drop function refuse()");
    }

    @Override
    String endSessions() {
        return "select 'select pg_terminate_backend(' || pid || ')' from pg_stat_activity where usename = '" + user
                + "'";
    }

    @Override
    String waitForNoLock() {
        return "set lock_timeout = '20ms'";
    }

    @Test
    void refusesWithoutAGrant() {
        refusesWithout(
                "revoke select on retention_deletion from " + user, "grant select on retention_deletion to " + user);
    }

    @Test
    void isAwayWhileTheUserHasTooManyConnections() {
        isAwayWhile(
                "alter role " + user + " connection limit 1", "alter role " + user + " connection limit -1", "53300");
    }
}
