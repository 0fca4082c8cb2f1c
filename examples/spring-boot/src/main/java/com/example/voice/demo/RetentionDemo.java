package com.example.voice.demo;

import com.example.voice.CallRecording;
import com.example.voice.VoiceEngineApplication;
import dev.retention.DeletionLedger;
import dev.retention.EraseAnswer;
import dev.retention.HoldAnswer;
import dev.retention.LegalHolds;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.test.twilio.LoopbackTwilio;
import jakarta.persistence.EntityManager;
import jakarta.persistence.EntityManagerFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.h2.tools.DeleteDbFiles;
import org.h2.tools.Server;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Starts the engine with its own settings, a database server and a Twilio on loopback, and shows what an operator and a
 * data-protection officer see: a first sweep that is refused, its confirmation, the sweep with a hold that comes
 * meanwhile, an erasure, a pause.
 */
public final class RetentionDemo {

    private static final String OPERATOR = "operator@example.com";
    private static final String OFFICER = "dpo@example.com";

    private final DemoOutput out;
    private final LoopbackTwilio twilio;
    private final DemoRecordings recordings;
    private final EntityManagerFactory database;
    private final RetentionSweeper sweeper;
    private final RetentionOperations operations;
    private final LegalHolds holds;
    private final DeletionLedger ledger;

    private RetentionDemo(DemoOutput out, LoopbackTwilio twilio, ConfigurableApplicationContext engine) {
        this.out = out;
        this.twilio = twilio;
        this.recordings = new DemoRecordings(twilio);
        this.database = engine.getBean(EntityManagerFactory.class);
        this.sweeper = engine.getBean(RetentionSweeper.class);
        this.operations = engine.getBean(RetentionOperations.class);
        this.holds = engine.getBean(LegalHolds.class);
        this.ledger = engine.getBean(DeletionLedger.class);
    }

    /** Runs the demo. Ends with status 1 if anything else happened than what the demo says. */
    public static void main(String[] args) throws IOException, SQLException {
        DemoOutput out = new DemoOutput();
        out.say("You will see: a first sweep that is refused, a person who confirms it, and 2,000 deletions");
        out.say("while a legal hold comes in; what was not deleted, and why; then an erasure and a pause.");
        out.say("All of it is on this machine: the database is an H2 server, Twilio is simulated on loopback.");
        out.stage("The application starts");
        // Not embedded, since an embedded database needs no confirmation.
        Path folder = Files.createTempDirectory("retention-demo");
        Server server = Server.createTcpServer("-tcpPort", "0", "-ifNotExists", "-baseDir", folder.toString())
                .start();
        boolean asPromised;
        try (LoopbackTwilio twilio =
                        LoopbackTwilio.start().addAccount(DemoRecordings.ACCOUNT, "the-token-of-the-demo");
                ConfigurableApplicationContext engine = new SpringApplicationBuilder(VoiceEngineApplication.class)
                        .web(WebApplicationType.NONE)
                        .profiles("demo")
                        .run(
                                "--spring.main.keep-alive=false",
                                "--spring.datasource.url=jdbc:h2:tcp://localhost:" + server.getPort() + "/voice",
                                "--retention.jpa.initialize-schema=always",
                                "--retention.twilio.account-sid=" + DemoRecordings.ACCOUNT,
                                "--retention.twilio.auth-token=the-token-of-the-demo",
                                "--retention.twilio.api-key-sid=",
                                "--retention.twilio.api-key-secret=",
                                "--retention.twilio.base-url=" + twilio.baseUrl())) {
            asPromised = new RetentionDemo(out, twilio, engine).run();
        } finally {
            server.stop();
            DeleteDbFiles.execute(folder.toString(), "voice", true);
            Files.delete(folder);
        }
        System.exit(asPromised ? 0 : 1);
    }

    private boolean run() {
        fill();
        preview();
        boolean asPromised = refused() && confirmedAndSwept() && erased() && paused();
        if (asPromised) {
            out.nowTry();
        } else {
            out.say("FAILED: this is not what the demo promised. See examples/spring-boot/target/demo.log");
        }
        return asPromised;
    }

    private void fill() {
        out.say("Its table and Twilio are filled with recordings of all ages.");
        save(recordings.all());
        holds.place("case-2026-17", ids(DemoRecordings.ON_HOLD), OFFICER, "litigation", null);

        out.stage("What exists: %,d rows of the engine, %,d recordings at Twilio"
                .formatted(recordings.all().size(), atTwilio()));
        TextTable kinds = new TextTable("recordings", "rows");
        recordings.groups().forEach((group, made) -> kinds.row(group, made.size()));
        out.print(kinds);
    }

    private void preview() {
        out.stage("A preview, which deletes and claims nothing: RetentionSweeper.preview()");
        out.print(DemoTables.counts(sweeper.preview(), "would be sent"));
    }

    private boolean refused() {
        out.stage("The first sweep is refused: nobody has confirmed this database and this account yet");
        long before = atTwilio();
        SweepReport report = sweeper.sweep();
        out.paragraph(report.message());
        return report.end() == SweepEnd.REFUSED
                && atTwilio() == before
                && live().size() == recordings.all().size();
    }

    private boolean confirmedAndSwept() {
        String plan = operations.plans().get(0).id();
        out.stage("A person confirms, and the sweep starts: confirm(\"%s\", \"%s\")".formatted(plan, OPERATOR));
        boolean confirmed = operations.confirm(plan, OPERATOR);
        long before = atTwilio();
        HoldsDuringTheSweep meanwhile = new HoldsDuringTheSweep(holds, recordings, OFFICER);
        twilio.observe(meanwhile);
        DemoOutput.Progress progress = out.progress(() -> before - atTwilio(), "recordings deleted at Twilio");
        SweepReport report;
        try {
            report = sweeper.sweep();
        } finally {
            progress.close();
            twilio.observe(null);
        }
        out.paragraph("The end is %s: %s.".formatted(report.end(), report.message()));
        out.print(DemoTables.counts(report, "deleted"));

        out.stage("While it ran, a legal hold came: LegalHolds.place(\"case-2026-18\", …)");
        Map<String, HoldAnswer> answers = meanwhile.answers();
        answers.forEach((id, answer) -> out.say("%-4s  recording %s: %s"
                .formatted(
                        answer,
                        id,
                        answer == HoldAnswer.HELD
                                ? "nothing was sent for it, and nothing will be"
                                : "its request was under way. It was deleted")));

        out.stage("The outcome of each kind of recording");
        out.print(DemoTables.outcomes(recordings, live(), ledger));
        out.stage("What was not deleted, and why: the ledger's causes");
        out.print(DemoTables.causes(recordings, ledger));
        out.stage("The ledger's evidence for one deletion: DeletionLedger.find(id)");
        out.print(
                DemoTables.evidence(ledger.find(ids(DemoRecordings.DUE).get(0)).orElseThrow()));

        return confirmed
                && report.end() == SweepEnd.COMPLETED
                && removedAsExpected()
                && before - atTwilio() == report.deleted()
                && Set.copyOf(answers.values()).equals(Set.of(HoldAnswer.HELD, HoldAnswer.LATE));
    }

    private boolean removedAsExpected() {
        Set<String> live = live();
        return recordings.groups().entrySet().stream()
                .allMatch(group -> group.getValue().stream()
                        .allMatch(row ->
                                live.contains(id(row)) != DemoRecordings.TO_BE_REMOVED.contains(group.getKey())));
    }

    private boolean erased() {
        out.stage("A caller wants to be erased, now: erase(ids, \"%s\", \"gdpr_article_17\")".formatted(OFFICER));
        String young = ids(DemoRecordings.TO_ERASE).get(0);
        String held = ids(DemoRecordings.ON_HOLD).get(0);
        Map<String, EraseAnswer> answers = operations.erase(List.of(young, held), OFFICER, "gdpr_article_17");
        out.say("%-6s  recording %s: some days old, deleted at Twilio".formatted(answers.get(young), young));
        out.say("%-6s  recording %s: under a legal hold, so it is kept".formatted(answers.get(held), held));
        return answers.equals(Map.of(young, EraseAnswer.ERASED, held, EraseAnswer.HELD))
                && !live().contains(young)
                && live().contains(held);
    }

    private boolean paused() {
        out.stage("The next night deleting is paused: pause(\"%s\", \"audit\")".formatted(OPERATOR));
        save(recordings.addDue(40));
        long before = atTwilio();
        operations.pause(OPERATOR, "audit");
        SweepReport paused = sweeper.sweep();
        out.say("40 more recordings are due. The sweep ends %s with %d deleted."
                .formatted(paused.end(), paused.deleted()));
        boolean nothingSent = atTwilio() == before;
        operations.resume(OPERATOR);
        SweepReport resumed = sweeper.sweep();
        out.say("After resume(\"%s\") it ends %s with %d deleted."
                .formatted(OPERATOR, resumed.end(), resumed.deleted()));
        return paused.end() == SweepEnd.PAUSED && nothingSent && resumed.deleted() == 40 && before - atTwilio() == 40;
    }

    private long atTwilio() {
        return twilio.stored(DemoRecordings.ACCOUNT);
    }

    private List<String> ids(String group) {
        return recordings.group(group).stream().map(RetentionDemo::id).toList();
    }

    private Set<String> live() {
        try (EntityManager manager = database.createEntityManager()) {
            return manager.createQuery("select r from CallRecording r where r.removedAt is null", CallRecording.class)
                    .getResultStream()
                    .map(RetentionDemo::id)
                    .collect(Collectors.toSet());
        }
    }

    private void save(List<CallRecording> rows) {
        database.runInTransaction(manager -> rows.forEach(manager::persist));
    }

    static String id(CallRecording recording) {
        return recording.getCallId().toString();
    }
}
