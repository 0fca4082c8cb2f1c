package dev.retention.torture;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/**
 * The forms that are short enough for each build. The long one and the table of all guards are commands: see the README
 * of this module. They run at the same time, since a torture run waits more than it works.
 */
@Execution(ExecutionMode.CONCURRENT)
class TortureTest {

    private static final long SEED = Long.getLong("torture.seed", 20261123);

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void everyPromiseIsKeptByProcessesThatAreKilledAndFrozen() throws Exception {
        keepsEveryPromise(TortureSettings.ofProcesses(SEED), 100);
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void everyPromiseIsKeptOnPostgreSql() throws Exception {
        keepsEveryPromise(TortureSettings.ofThreads(SEED), 300);
    }

    @Test
    @Tag("wide")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    void everyPromiseIsKeptOnMariaDb() throws Exception {
        keepsEveryPromise(TortureSettings.ofThreadsOnMariaDb(SEED), 150);
    }

    /** Its server is no Maven artifact. */
    @Test
    @Tag("wide")
    @Timeout(value = 30, unit = TimeUnit.MINUTES)
    @EnabledIfEnvironmentVariable(named = "RETENTION_MYSQL_SERVER", matches = ".+")
    void everyPromiseIsKeptOnMySql() throws Exception {
        keepsEveryPromise(TortureSettings.ofThreadsOnMySql(SEED), 150);
    }

    private static void keepsEveryPromise(TortureSettings settings, long atLeastDeleted) throws Exception {
        TortureResult result = new Torture(settings).run();
        System.out.println(result.summary());
        assertThat(result.missing()).as("what was not exercised").isEmpty();
        assertThat(result.findings().violations()).as(result.summary()).isEmpty();
        assertThat(result.findings().counted(Findings.Count.DELETED)).isGreaterThan(atLeastDeleted);
    }
}
