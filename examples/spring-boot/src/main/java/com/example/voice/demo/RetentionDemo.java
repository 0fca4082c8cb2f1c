package com.example.voice.demo;

import com.example.voice.CallRecording;
import com.example.voice.VoiceEngineApplication;
import dev.retention.DeletionLedger;
import dev.retention.LedgerEntry;
import dev.retention.LegalHolds;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.test.twilio.LoopbackTwilio;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts the engine with its own settings, an embedded database and a Twilio on loopback. Fills both and sweeps. The
 * sweep is refused, so the demo confirms the plan, sweeps again, and shows the outcome of each kind of recording.
 */
public final class RetentionDemo {

    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);

    private final EntityManagerFactory database;
    private final DemoRecordings recordings;
    private final LoopbackTwilio twilio;

    private RetentionDemo(EntityManagerFactory database, DemoRecordings recordings, LoopbackTwilio twilio) {
        this.database = database;
        this.recordings = recordings;
        this.twilio = twilio;
    }

    /**
     * Runs the demo. Ends with status 1 if the first sweep was not refused, the second did not complete, or other
     * recordings than the due ones were deleted.
     */
    public static void main(String[] args) {
        boolean asPromised;
        try (LoopbackTwilio twilio =
                        LoopbackTwilio.start().addAccount(DemoRecordings.ACCOUNT, "the-token-of-the-demo");
                ConfigurableApplicationContext engine = new SpringApplicationBuilder(VoiceEngineApplication.class)
                        .web(WebApplicationType.NONE)
                        .profiles("demo")
                        .run(
                                "--spring.main.keep-alive=false",
                                "--spring.datasource.url=jdbc:h2:mem:demo;DB_CLOSE_DELAY=-1",
                                "--retention.twilio.account-sid=" + DemoRecordings.ACCOUNT,
                                "--retention.twilio.auth-token=the-token-of-the-demo",
                                "--retention.twilio.api-key-sid=",
                                "--retention.twilio.api-key-secret=",
                                "--retention.twilio.base-url=" + twilio.baseUrl())) {
            DemoRecordings recordings = new DemoRecordings(twilio);
            asPromised = new RetentionDemo(engine.getBean(EntityManagerFactory.class), recordings, twilio)
                    .run(
                            engine.getBean(RetentionSweeper.class),
                            engine.getBean(RetentionOperations.class),
                            engine.getBean(LegalHolds.class),
                            engine.getBean(DeletionLedger.class));
        }
        System.exit(asPromised ? 0 : 1);
    }

    private boolean run(
            RetentionSweeper sweeper, RetentionOperations operations, LegalHolds holds, DeletionLedger ledger) {
        inTransaction(manager -> recordings.all().forEach(manager::persist));
        List<String> onHold = recordings.group("old, under a legal hold").stream()
                .map(RetentionDemo::id)
                .toList();
        holds.place("case-2026-17", onHold, "dpo@example.com", "litigation", null);

        title("What exists: %,d rows of the engine, %,d recordings at Twilio"
                .formatted(recordings.all().size(), twilio.stored(DemoRecordings.ACCOUNT)));
        TextTable kinds = new TextTable("recordings", "rows");
        recordings.groups().forEach((group, made) -> kinds.row(group, made.size()));
        print(kinds);

        SweepReport preview = sweeper.preview();
        title("Due recordings: preview(), which deletes and claims nothing");
        print(counts(preview, "would be sent"));

        Rows before = rows();
        SweepReport refused = sweeper.sweep();
        boolean braked = refused.end() == SweepEnd.REFUSED && rows().equals(before);
        title("The first sweep is refused: more recordings are due than is usual");
        OUT.println(refused.message().replace(". ", ".\n"));
        if (!braked) {
            OUT.println("\nFAILED: the sweep was not refused");
            return false;
        }

        String plan = operations.plans().get(0).id();
        boolean confirmed = operations.confirm(plan, "operator@example.com");
        title("This is right, so the plan is confirmed: confirm(\"%s\", \"operator@example.com\") = %s"
                .formatted(plan, confirmed));

        SweepReport report = sweeper.sweep();
        Rows after = rows();

        title("What the sweep did: " + report);
        print(counts(report, "deleted"));

        title("The outcome of each kind of recording");
        print(outcomes(ledger));

        title("What was not deleted, and why");
        print(causes(ledger));

        title("Rows before and after");
        print(new TextTable("", "before", "after")
                .row("rows", before.rows, after.rows)
                .row("live", before.live, after.live)
                .row("soft-deleted, removal_reason = retention_policy", before.deleted, after.deleted)
                .row("recordings at Twilio", before.atTwilio, after.atTwilio));

        title("The ledger's evidence for one recording");
        print(evidence(ledger));

        boolean asPromised = confirmed
                && report.end() == SweepEnd.COMPLETED
                && removedAsExpected()
                && after.rows == before.rows
                && before.live - after.live == report.deleted() + report.alreadyGone() + report.nothingStored()
                && before.atTwilio - after.atTwilio == report.deleted();
        OUT.println(
                asPromised
                        ? "\nOnly due recordings were deleted. The log is in examples/spring-boot/target/demo.log"
                        : "\nFAILED");
        return asPromised;
    }

    private boolean removedAsExpected() {
        Set<String> alive = alive();
        return recordings.groups().entrySet().stream()
                .allMatch(group -> group.getValue().stream()
                        .allMatch(row ->
                                alive.contains(id(row)) != DemoRecordings.TO_BE_REMOVED.contains(group.getKey())));
    }

    private Set<String> alive() {
        return all().stream()
                .filter(row -> row.getRemovedAt() == null)
                .map(RetentionDemo::id)
                .collect(Collectors.toSet());
    }

    private static TextTable counts(SweepReport report, String deleted) {
        return new TextTable("outcome", "recordings", "")
                .row(deleted, report.deleted(), "")
                .row("already gone", report.alreadyGone(), "Twilio proves that it was deleted before")
                .row("nothing stored", report.nothingStored(), "Twilio says that there never was any audio")
                .row("held", report.held(), "kept by a hold; not a failure")
                .row("failed", report.failed(), "tried again later")
                .row("deferred", report.deferred(), "not deletable yet")
                .row("unproven", report.unproven(), "not found at Twilio, which proves nothing; the row remains")
                .row("quarantined", report.quarantined(), "needs a decision, or another key")
                .row("checked", report.checked(), "the sum of these")
                .row("without key", report.withoutKey(), "due, and Twilio can't be asked")
                .row("remaining", report.remaining(), "due, and left to the next run")
                .row("undated", report.undated(), "without a creation time, so kept");
    }

    private TextTable outcomes(DeletionLedger ledger) {
        TextTable table = new TextTable("recordings", "rows", "live now", "soft-deleted", "in the ledger");
        Set<String> alive = alive();
        recordings.groups().forEach((group, made) -> {
            long live = made.stream().filter(row -> alive.contains(id(row))).count();
            Map<String, Integer> states = new TreeMap<>();
            ledger.find(made.stream().map(RetentionDemo::id).toList())
                    .values()
                    .forEach(entry -> states.merge(state(entry), 1, Integer::sum));
            table.row(group, made.size(), live, made.size() - live, states.isEmpty() ? "-" : states);
        });
        return table;
    }

    private static String state(LedgerEntry entry) {
        return entry.state() + (entry.held() ? ", held" : "") + (entry.outcome() == null ? "" : ", " + entry.outcome());
    }

    private TextTable causes(DeletionLedger ledger) {
        Map<String, Integer> causes = new TreeMap<>();
        ledger.find(recordings.all().stream().map(RetentionDemo::id).toList()).values().stream()
                .filter(entry -> entry.cause() != null)
                .forEach(entry -> causes.merge(
                        entry.outcome() + "\t" + String.valueOf(entry.cause()).replaceAll("RQ\\w+|CA\\d+", "…"),
                        1,
                        Integer::sum));
        TextTable table = new TextTable("outcome", "rows", "cause");
        causes.forEach((cause, count) -> table.row(cause.split("\t")[0], count, cause.split("\t")[1]));
        return table;
    }

    private TextTable evidence(DeletionLedger ledger) {
        String id = id(recordings.group("old: due").get(0));
        LedgerEntry entry = ledger.find(id).orElseThrow();
        return new TextTable("what", "value")
                .row("recording", entry.recordingId())
                .row("key at Twilio", entry.storageKey())
                .row("created", entry.recordingCreated())
                .row("policy, cutoff", entry.policy() + ", " + entry.cutoff())
                .row("claimed", entry.claimedAt() + " by " + entry.owner())
                .row("deleted", entry.deletedAt() + ", " + entry.outcome())
                .row("evidence", entry.evidence())
                .row("run", entry.runId());
    }

    private record Rows(long rows, long live, long deleted, long atTwilio) {}

    private Rows rows() {
        List<CallRecording> all = all();
        long live = all.stream()
                .filter(recording -> recording.getRemovedAt() == null)
                .count();
        long deleted = all.stream()
                .filter(recording -> "retention_policy".equals(recording.getRemovalReason()))
                .count();
        return new Rows(all.size(), live, deleted, twilio.stored(DemoRecordings.ACCOUNT));
    }

    private List<CallRecording> all() {
        try (EntityManager manager = database.createEntityManager()) {
            return manager.createQuery("select r from CallRecording r", CallRecording.class)
                    .getResultList();
        }
    }

    private interface Work {
        void on(EntityManager manager);
    }

    private void inTransaction(Work work) {
        try (EntityManager manager = database.createEntityManager()) {
            manager.getTransaction().begin();
            work.on(manager);
            manager.getTransaction().commit();
        }
    }

    private static String id(CallRecording recording) {
        return recording.getCallId().toString();
    }

    private static void title(String text) {
        OUT.println("\n" + text + "\n");
    }

    private static void print(TextTable table) {
        OUT.print(table);
    }
}
