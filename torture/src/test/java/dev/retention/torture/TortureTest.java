package dev.retention.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * The short forms. The long one and the table of all guards are commands: see the README of this module. The two
 * databases are tested at the same time, since a torture run waits more than it works.
 */
@Execution(ExecutionMode.CONCURRENT)
class TortureTest {

    private static final long SEED = Long.getLong("torture.seed", 20261123);

    @Test
    @ResourceLock("PostgreSQL")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void everyPromiseIsKeptOnPostgreSql() throws Exception {
        TortureResult result = new Torture(TortureSettings.ofShort(SEED)).run();
        System.out.println(result.summary());
        assertThat(result.missing()).as("what was not exercised").isEmpty();
        assertThat(result.findings().violations()).as(result.summary()).isEmpty();
        assertThat(result.findings().counted(Findings.Count.DELETED)).isGreaterThan(500);
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void everyPromiseIsKeptOnMariaDb() throws Exception {
        TortureResult result = new Torture(TortureSettings.ofMariaDb(SEED)).run();
        System.out.println(result.summary());
        assertThat(result.missing()).as("what was not exercised").isEmpty();
        assertThat(result.findings().violations()).as(result.summary()).isEmpty();
        assertThat(result.findings().counted(Findings.Count.DELETED)).isGreaterThan(200);
    }
}
