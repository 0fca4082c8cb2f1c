package dev.retention.torture;

import dev.retention.DeletionOutcome;
import dev.retention.LedgerEntry;
import dev.retention.LegalHolds;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionException;
import dev.retention.RetentionOperations;
import dev.retention.RetentionSweeper;
import dev.retention.ReviewAnswer;
import dev.retention.SweepEnd;
import dev.retention.SweepPlan;
import dev.retention.SweepReport;
import dev.retention.jpa.JpaRecordingRepository;
import dev.retention.jpa.SchemaInitialization;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingRepository;
import dev.retention.twilio.TwilioRecordingStorage;
import jakarta.persistence.EntityManagerFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a person does: confirms, pauses, lets things be tried again, accepts. It sends nothing itself. */
final class Desk implements AutoCloseable {

    /** How a plan's reason begins that has no other. */
    private static final String TOO_MANY = "of ";

    private static final int MOST_TRIES = 5;

    private final Fixture fixture;
    private final Journal journal;
    private final EntityManagerFactory factory;
    private final TwilioRecordingStorage storage;
    private final RetentionSweeper sweeper;
    private final RetentionOperations operations;
    private final LegalHolds holds;
    private final RetentionEvidence evidence;

    Desk(World world) {
        this.fixture = world.fixture;
        this.journal = world.journal;
        HarnessClock clock = world.clock;
        factory = Engine.factory(world.database, world.server.dialect(), LaterEngineCall.class);
        JpaRecordingRepository real = Engine.repository(
                        factory,
                        LaterEngineCall.class,
                        SchemaInitialization.ALWAYS,
                        time -> time.plus(Duration.ofMillis(clock.millis() - System.currentTimeMillis())),
                        true)
                .build();
        RecordingRepository repository = Interception.of(
                RecordingRepository.class,
                real,
                (method, args, call) -> method.equals("identity") ? Ports.IDENTITY : call.proceed(args));
        storage = TwilioRecordingStorage.builder(fixture.accounts.get(0))
                .credentials(account -> Optional.empty())
                .baseUrl(world.twilio.baseUrl())
                .build();
        RecordingLookup target = Interception.of(
                RecordingLookup.class,
                storage,
                (method, args, call) -> method.equals("target") ? Ports.TARGET : call.proceed(args));
        evidence = world.audit.evidence(repository);
        sweeper = RetentionSweeper.builder(repository, target)
                .evidence(evidence)
                // What is wrong from the start is confirmed with the rest: no brake sees it.
                .policy(InstanceSettings.policy(world.settings.sabotage()))
                .furtherPolicy(InstanceSettings.longPolicy())
                .environment(InstanceSettings.ENVIRONMENT)
                .clock(clock)
                .maxShareFloor(InstanceSettings.MAX_SHARE_FLOOR)
                .build();
        operations = RetentionOperations.of(sweeper);
        holds = LegalHolds.of(repository);
    }

    /**
     * The first sweep is refused: most of the table is due, and the database was never swept. A person confirms it,
     * once.
     */
    void confirmFirstSweep() {
        SweepReport refused = first();
        if (refused.end() == SweepEnd.REFUSED && journal.requests().stream().noneMatch(Request::isDelete)) {
            journal.count("brake FIRST_RUN");
        }
        for (SweepPlan plan : operations.plans()) {
            if (confirm(plan) && !operations.confirm(plan.id(), "dpo")) {
                journal.count("brake confirmed once");
            }
        }
    }

    /** On a machine that is busy with other runs, even the server may not answer in time. */
    private SweepReport first() {
        for (int tries = 1; ; tries++) {
            try {
                return sweeper.sweep();
            } catch (RetentionException e) {
                if (e.kind() != RetentionException.Kind.UNAVAILABLE || tries == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    private boolean confirm(SweepPlan plan) {
        // Before: what is allowed by it may be claimed at once.
        journal.allowed(plan.ceiling());
        boolean confirmed = operations.confirm(plan.id(), "dpo");
        if (!confirmed) {
            journal.allowed(-plan.ceiling());
        }
        return confirmed;
    }

    /** Confirms what is refused only because more is due than usual. */
    void confirmShares() {
        for (SweepPlan plan : operations.plans()) {
            if (plan.why().startsWith(TOO_MANY) && confirm(plan)) {
                journal.count("brake SHARE");
            }
        }
    }

    void pause() {
        operations.pause("dpo", "torture");
        if (operations.paused().isEmpty()) {
            throw RetentionException.refused("it was paused and is not");
        }
    }

    void resume() {
        operations.resume("dpo");
        if (operations.paused().isPresent()) {
            throw RetentionException.refused("it was resumed and is not");
        }
    }

    void release(Hold hold) {
        hold.released(journal.next());
        holds.release(hold.holdId, "dpo");
    }

    /**
     * Lets be tried again what faults have put aside; of what the provider never knew, every second one is accepted as
     * gone.
     */
    void decide() {
        String after = null;
        List<LedgerEntry> page;
        do {
            page = operations.quarantined(after, 500);
            page.forEach(this::decide);
            after = page.isEmpty() ? after : page.get(page.size() - 1).recordingId();
        } while (page.size() == 500);
    }

    private void decide(LedgerEntry entry) {
        String id = entry.recordingId();
        Row row = fixture.byId(id);
        if (row == null || row.nature() == Nature.HOSTILE_KEY || row.nature() == Nature.ELSEWHERE) {
            return;
        }
        if (entry.outcome() == DeletionOutcome.ROW_CHANGED) {
            journal.count("retry of a changed row");
        }
        boolean neverKnown = row.nature() == Nature.NEVER_KNOWN;
        if (neverKnown && row.id() % 2 == 0) {
            Map<String, ReviewAnswer> answers = operations.acceptUnproven(List.of(id), "dpo");
            // One that a fault has made the provider refuse is not unproven: it is not accepted.
            if (answers.containsValue(ReviewAnswer.DONE)) {
                journal.accepted(id);
            }
            answers.values().forEach(answer -> journal.count("accept " + answer));
        } else if (!neverKnown) {
            Map<String, ReviewAnswer> answers = operations.retry(List.of(id), "dpo");
            journal.retried(id);
            answers.values().forEach(answer -> journal.count("retry " + answer));
        }
    }

    /** Hands out all that was ever written, to an auditor. Returns the verifier key. */
    String export(Path folder) {
        evidence.seal();
        evidence.export(folder, Instant.EPOCH, fixture.afterwards());
        return evidence.verifierKey().orElse("");
    }

    @Override
    public void close() {
        sweeper.close();
        storage.close();
        factory.close();
    }
}
