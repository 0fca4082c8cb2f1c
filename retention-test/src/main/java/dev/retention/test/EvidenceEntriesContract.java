package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.Cause;
import dev.retention.DeletionOutcome;
import dev.retention.HoldAnswer;
import dev.retention.LedgerEvent;
import dev.retention.ReviewAnswer;
import dev.retention.SweepEnd;
import dev.retention.spi.Claim;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.EvidenceLog.Leaf;
import dev.retention.spi.SweepRuns.SweepRun;
import dev.retention.test.RepositoryFixture.Capability;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Which entries of the evidence log the other ports write, and what is in them, as tests. */
public abstract class EvidenceEntriesContract extends PortContract {

    private static final Pattern KIND = Pattern.compile("\\{\"v\":1,\"kind\":\"([a-z-]+)\",\"at\":\"([^\"]+)\"[^\n]*}");
    private static final String PHONE = "+44 20 7946 0000";

    /** Its tests use this fixture. */
    protected EvidenceEntriesContract(RepositoryFixture fixture) {
        super(fixture);
    }

    private List<String> all() {
        sealAll();
        return lines(repository.evidence().leaves(0, 10_000));
    }

    private List<String> of(EngineRow row) {
        all();
        return lines(repository.evidence().leavesOf(row.id()));
    }

    private static List<String> lines(List<Leaf> leaves) {
        return leaves.stream()
                .map(leaf -> new String(leaf.entry(), StandardCharsets.UTF_8))
                .toList();
    }

    private static List<String> kinds(List<String> lines) {
        return lines.stream().map(EvidenceEntriesContract::kind).toList();
    }

    private static String kind(String line) {
        Matcher matcher = KIND.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        return matcher.group(1);
    }

    private Instant at(String line) {
        Matcher matcher = KIND.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        return Instant.parse(matcher.group(2));
    }

    private void isNow(String line) {
        assertThat(at(line)).isBetween(dbNow.minusSeconds(1), repository.now().plusSeconds(1));
    }

    @Test
    void saysWhatBecameOfAClaim() {
        EngineRow row = insert(dueRow(1));
        SweepRun run = openRun();
        Claim claim = only(claim(run, row).claims());
        record(deleted(claim));
        record(deleted(claim));

        List<String> lines = of(row);
        assertThat(kinds(lines)).containsExactly("claim", "outcome");
        isNow(lines.get(0));
        String account = row.account() == null ? "" : ",\"account\":\"" + row.account() + "\"";
        assertThat(lines.get(0))
                .endsWith(
                        ",\"id\":\"" + row.id() + "\",\"run\":\"" + run.id() + "\",\"key\":\"" + row.storageKey() + "\""
                                + account + ",\"created\":\"" + row.created()
                                + "\",\"policy\":\"default\",\"cutoff\":\"" + CUTOFF + "\",\"attempt\":1}");
        assertThat(lines.get(1))
                .isEqualTo("{\"v\":1,\"kind\":\"outcome\",\"at\":\"" + dbNow + "\",\"id\":\"" + row.id()
                        + "\",\"step\":\"DELETED\",\"outcome\":\"DELETED\",\"evidence\":\"" + EVIDENCE
                        + "\",\"attempt\":1}");
    }

    @Test
    void saysWhatWasNotDeletedAndTriedAgain() {
        EngineRow row = insert(dueRow(1));
        Claim first = only(claim(openRun(), row).claims());
        record(progress(first));
        record(retry(first, dbNow));
        record(retry(first, dbNow));
        Claim again = only(reclaim(repository.now().plus(Duration.ofMinutes(1))));
        record(quarantine(again));
        repository.quarantine().retry(List.of(row.id()), "ops", dbNow);

        List<String> lines = of(row);
        assertThat(kinds(lines)).containsExactly("claim", "outcome", "outcome", "claim", "outcome", "event", "retry");
        assertThat(lines.get(1)).contains("\"step\":\"PROGRESS\",\"evidence\":\"bucket: DELETED 204\"");
        assertThat(lines.get(2))
                .contains("\"step\":\"RETRY\",\"outcome\":\"TRY_LATER\"")
                .contains("\"cause\":\"TIMEOUT\",\"storage\":\"fake\",\"attempt\":1,\"doubt\":1}");
        assertThat(lines.get(3)).contains("\"attempt\":2");
        assertThat(lines.get(4)).contains("\"step\":\"QUARANTINE\",\"outcome\":\"REFUSED\"");
        assertThat(lines.get(6)).contains("\"event\":\"RETRY_GRANTED\"");
    }

    @Test
    void saysThatAClaimWasReleased() {
        EngineRow row = insert(dueRow(1));
        Claim claim = only(claim(openRun(), row).claims());
        releaseClaim(claim);
        releaseClaim(claim);
        record(retry(claim, dbNow));
        List<String> lines = of(row);
        assertThat(kinds(lines)).containsExactly("claim", "claim-release");
        isNow(lines.get(1));
        assertThat(lines.get(1)).contains("\"attempt\":1");
    }

    @Test
    void saysNothingOfWhatWasNotClaimed() {
        EngineRow young = insert(youngRow(1));
        EngineRow held = insert(dueRow(2));
        hold("h", held);
        SweepRun run = openRun();
        assertThat(claim(run, young, held).claims()).isEmpty();
        assertThat(of(young)).isEmpty();
        assertThat(kinds(of(held))).containsExactly("hold");
        assertThat(kinds(all())).containsExactlyInAnyOrder("hold", "hold", "policy", "run-start");
    }

    @Test
    void saysNothingOfWhatTheDatabaseRefused() {
        needs(Capability.REFUSED_SOFT_DELETE);
        EngineRow refused = insert(dueRow(1));
        EngineRow fine = insert(dueRow(2));
        List<Claim> claims = claim(openRun(), refused, fine).claims();
        refuseSoftDelete(refused.id());
        assertThat(repository
                        .gate()
                        .record(claims.stream().map(this::deleted).toList())
                        .refused())
                .hasSize(1);
        assertThat(kinds(of(refused))).containsExactly("claim");
        assertThat(kinds(of(fine))).containsExactly("claim", "outcome");
    }

    @Test
    void namesTheRecordingWithWhichAnotherWasDeleted() {
        EngineRow claimed = insert(dueRow(1));
        EngineRow other = insert(youngRow(2).withStorageKey(claimed.storageKey()));
        Claim claim = only(erase(claimed, other).stream()
                .filter(each -> each.id().equals(claimed.id()))
                .toList());
        EngineRow third = insert(youngRow(3).withStorageKey(claimed.storageKey()));
        record(deleted(claim));
        List<String> lines = of(third);
        assertThat(kinds(lines)).containsExactly("outcome", "event");
        assertThat(lines.get(0))
                .contains("\"step\":\"DELETED\"")
                .contains("\"key\":\"" + third.storageKey() + "\"")
                .contains("\"created\":\"" + third.created() + "\"")
                .endsWith(",\"with\":\"" + claimed.id() + "\"}");
        assertThat(lines.get(1)).contains("\"event\":\"DELETED_WITH\"");
        assertThat(kinds(of(claimed))).containsExactly("claim", "outcome");
        assertThat(of(claimed).get(0)).contains("\"policy\":\"erasure\"");
    }

    @Test
    void saysWhenAHoldBeganAndEnded() {
        EngineRow row = insert(dueRow(1));
        EngineRow expiring = insert(dueRow(2));
        assertThat(hold("case 7", row)).containsEntry(row.id(), HoldAnswer.HELD);
        hold("case 7", row);
        repository.holds().place("case 8", List.of(expiring.id()), "dpo", "dispute", dbNow.plusSeconds(10), dbNow);
        repository.holds().release("case 7", "dpo", dbNow.plusSeconds(5));
        repository.holds().release("case 7", "dpo", dbNow.plusSeconds(6));
        repository.holds().expire(dbNow.plusSeconds(11));
        List<String> lines = of(row);
        assertThat(kinds(lines)).containsExactly("hold", "release");
        assertThat(at(lines.get(0))).isEqualTo(dbNow);
        assertThat(lines.get(0))
                .contains("\"event\":\"HOLD_PLACED\",\"id\":\"" + row.id() + "\",\"hold\":\"case 7\",\"by\":\"");
        assertThat(at(lines.get(1))).isEqualTo(dbNow.plusSeconds(5));
        assertThat(lines.get(1)).contains("\"event\":\"HOLD_RELEASED\"").contains("\"hold\":\"case 7\"");
        assertThat(kinds(of(expiring))).containsExactly("hold", "expiry");
    }

    /** Once for all of its recordings, with what their entries leave out. */
    @Test
    void saysOnceWhatAHoldIs() {
        EngineRow row = insert(dueRow(1));
        EngineRow second = insert(dueRow(2));
        Instant until = dbNow.plusSeconds(10);
        repository.holds().place("case 7", List.of(row.id()), "dpo", "dispute", until, dbNow);
        repository.holds().place("case 7", List.of(second.id()), "dpo", "dispute", until, dbNow);
        repository.holds().expire(until);
        List<String> ofHold =
                all().stream().filter(line -> !line.contains("\"id\":")).toList();
        assertThat(kinds(ofHold)).containsExactly("hold", "expiry");
        assertThat(ofHold.get(0))
                .contains("\"event\":\"HOLD_REGISTERED\",\"hold\":\"case 7\",\"until\":\"" + until + "\",\"reason\":\"")
                .contains("\"by\":\"");
        assertThat(ofHold.get(1)).endsWith("\"event\":\"HOLD_ENDED\",\"hold\":\"case 7\"}");
        assertThat(kinds(of(second))).containsExactly("hold", "expiry");
    }

    @Test
    void saysWhichAttributeAHoldIsBy() {
        needs(Capability.ATTRIBUTES);
        repository.holds().placeWhere("case 8", TENANT, PHONE, "dpo", "dispute", dbNow);
        repository.holds().release("case 8", "dpo", dbNow.plusSeconds(1));
        List<String> lines = all();
        assertThat(kinds(lines)).containsExactly("hold", "release");
        assertThat(lines.get(0))
                .contains("\"hold\":\"case 8\",\"attribute\":\"tenant\",\"value\":\"")
                .doesNotContain("7946");
        assertThat(lines.get(1)).contains("\"hold\":\"case 8\",\"by\":\"");
    }

    /** Both are about the gate row, which one of them locked first. */
    @Test
    void hasTheClaimBeforeAHoldThatCameTooLate() {
        EngineRow row = insert(dueRow(1));
        Claim claim = only(claim(openRun(), row).claims());
        assertThat(hold("late", row)).containsEntry(row.id(), HoldAnswer.LATE);
        record(deleted(claim));
        assertThat(kinds(of(row))).containsExactly("claim", "hold", "outcome");
    }

    @Test
    void saysWhatAPersonAccepted() {
        EngineRow row = insert(dueRow(1));
        Claim claim = only(claim(openRun(), row).claims());
        record(ClaimOutcome.quarantine(claim, DeletionOutcome.UNPROVEN, new Cause("NOT_FOUND", "fake", "404"), dbNow));
        assertThat(repository.quarantine().acceptUnproven(List.of(row.id()), "Jane Roe", dbNow))
                .containsEntry(row.id(), ReviewAnswer.DONE);
        repository.quarantine().acceptUnproven(List.of(row.id()), "Jane Roe", dbNow);
        List<String> lines = of(row);
        assertThat(kinds(lines)).containsExactly("claim", "outcome", "acceptance");
        assertThat(lines.get(2))
                .contains("\"event\":\"ACCEPTED_UNPROVEN\"")
                .contains("\"by\":\"")
                .doesNotContain("Jane");
    }

    @Test
    void saysHowARunBeganAndEnded() {
        SweepRun run = openRun("fire time", 7L);
        joinOrOpen(request("fire time", 7L));
        assertThat(repository.runs().end(run.id(), report(SweepEnd.COMPLETED))).isTrue();
        assertThat(repository.runs().end(run.id(), report(SweepEnd.CAPPED))).isFalse();
        List<String> lines = all();
        assertThat(kinds(lines)).containsExactly("policy", "run-start", "run-end");
        assertThat(lines.get(0)).endsWith(",\"run\":\"" + run.id() + "\",\"policies\":\"default=90d\"}");
        assertThat(lines.get(1))
                .endsWith(",\"run\":\"" + run.id() + "\",\"key\":\"fire time\",\"judged\":\"" + NOW
                        + "\",\"deadline\":\"" + dbNow.plus(Duration.ofHours(4)) + "\",\"max\":7}");
        isNow(lines.get(2));
        assertThat(lines.get(2))
                .contains(",\"run\":\"" + run.id() + "\",\"end\":\"COMPLETED\",\"started\":\"" + dbNow
                        + "\",\"ended\":\"" + dbNow.plusSeconds(30)
                        + "\",\"checked\":3,\"deleted\":1,\"already-gone\":0,\"nothing-stored\":0,"
                        + "\"failed\":1,"
                        + "\"deferred\":0,\"unproven\":0,\"quarantined\":0,\"held\":1,"
                        + "\"without-key\":2,\"remaining\":4,"
                        + "\"undated\":5,\"engine-deleted\":6,\"audio-seconds\":61,"
                        + "\"cutoffs\":{\"default\":\"" + CUTOFF
                        + "\"},\"message\":\"");
    }

    @Test
    void hasEachEventUnderItsKind() {
        List<String> kinds = List.of(
                "SWEEP_REFUSED",
                "PLAN_CONFIRMED",
                "CONFIRMATION_TAKEN",
                "ERASURE",
                "ERASURE_HELD",
                "PAUSED",
                "ROW_REPAIRED");
        kinds.forEach(kind ->
                repository.controls().change(List.of(), new LedgerEvent(dbNow, kind, "r1", null, "ops", "detail")));
        List<String> lines = all();
        assertThat(kinds(lines))
                .containsExactly("refusal", "confirmation", "confirmation", "erasure", "erasure", "event", "event");
        for (int i = 0; i < kinds.size(); i++) {
            assertThat(lines.get(i)).contains("\"event\":\"" + kinds.get(i) + "\"");
        }
    }

    /** Only ids, keys, accounts and names of policies are in an entry as they are. */
    @Test
    void hasNoTextThatMayNameAPerson() {
        EngineRow row = insert(fit(dueRow(1).withAttribute(QUEUE, PHONE).withAttribute(TENANT, "Jane Roe")));
        SweepRun run = openRun();
        Claim claim = only(claim(run, row).claims());
        repository.holds().place("h", List.of(row.id()), "Jane Roe", "asked by " + PHONE, null, dbNow);
        if (supports(Capability.ATTRIBUTES)) {
            repository.holds().placeWhere("scope", QUEUE, PHONE, "Jane Roe", "asked by " + PHONE, dbNow);
        }
        repository.holds().release("h", "Jane Roe", dbNow);
        record(quarantine(claim));
        repository
                .controls()
                .change(List.of(), new LedgerEvent(dbNow, "ERASURE", row.id(), null, "Jane Roe", PHONE + " asked"));
        List<String> lines = all();
        assertThat(lines).hasSizeGreaterThan(5);
        assertThat(String.join("\n", lines))
                .doesNotContain("Jane")
                .doesNotContain("7946")
                .doesNotContain("asked");
        // The texts are stored beside the log, each once for its transaction.
        String erasure = lines.get(lines.size() - 1);
        Matcher hashes =
                Pattern.compile("\"detail\":\"([^\"]+)\",\"by\":\"([^\"]+)\"").matcher(erasure);
        assertThat(hashes.find()).as(erasure).isTrue();
        assertThat(repository.evidence().texts(List.of(hashes.group(1), hashes.group(2))))
                .extracting(text -> text.text())
                .containsExactlyInAnyOrder(PHONE + " asked", "Jane Roe");
    }
}
