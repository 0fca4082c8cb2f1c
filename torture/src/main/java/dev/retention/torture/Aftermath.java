package dev.retention.torture;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** What is looked at once, when all instances have ended: everything that {@link Checker} checks, and the rest. */
final class Aftermath {

    private final World world;
    private final @Nullable String lastReport;

    /** @param lastReport of a sweep that began when all was done; null for none */
    Aftermath(World world, @Nullable String lastReport) {
        this.world = world;
        this.lastReport = lastReport;
    }

    Findings check() throws SQLException, IOException, InterruptedException {
        try (Connection connection = world.database.getConnection()) {
            Dump dump = Dump.read(connection, world.settings.kind() == TortureSettings.Kind.POSTGRESQL);
            Evidence evidence = Evidence.complete(world, dump);
            Findings findings = Checker.all(evidence);
            world.auditor.look(connection);
            world.auditor.vanished(connection).forEach(text -> findings.violated("I13", text));
            world.auditor.activeAgain().forEach(text -> findings.violated("I12", text));
            world.tables.changed(connection, world.fixture).forEach(text -> findings.violated("I16", text));
            world.instances.leaks(connection).forEach(text -> findings.violated("I14", text));
            ends(findings);
            new AuditCheck(world, evidence, findings).check(connection);
            return findings;
        }
    }

    private void ends(Findings findings) {
        if (lastReport == null) {
            findings.violated("I15", "no sweep ends when all is healed");
        } else {
            ReportCheck.last(lastReport, world.fixture, findings);
        }
        if (world.journal.counted("does not stop") > 0) {
            findings.violated("I15", "an instance does not stop when it is told to");
        }
        if (world.journal.counted("uncaught") > 0) {
            findings.violated("I15", "an instance threw where nobody catches, or had no memory left");
        }
    }
}
