package dev.retention;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.EvidenceLog;
import dev.retention.spi.SealStep.Sealing;
import dev.retention.spi.TreeHead;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a sweep leaves in the evidence log. What each port writes is in the contract of the repository. */
class EvidenceTest {

    private static final String NOTICE = "No evidence is written";
    private static final Pattern KIND = Pattern.compile("\"kind\":\"([a-z-]+)\"");

    private final World world = new World();

    /** The kinds of the entries that name the recording; of all entries for an empty id. */
    private List<String> kinds(String id) {
        EvidenceLog log = world.repository.evidence();
        log.seal(1000, EvidenceTest::unhashed);
        return (id.isEmpty() ? log.leaves(0, 1000) : log.leavesOf(id))
                .stream()
                        .map(leaf -> KIND.matcher(new String(leaf.entry(), StandardCharsets.UTF_8)))
                        .map(matcher -> matcher.find() ? matcher.group(1) : "none")
                        .toList();
    }

    /** Hashes are not what is tested here. */
    private static Sealing unhashed(TreeHead head, List<byte[]> entries) {
        long size = head.size() + entries.size();
        byte[] hash = new byte[TreeHead.HASH_LENGTH];
        return new Sealing(
                new TreeHead(size, hash, Collections.nCopies(Long.bitCount(size), hash)),
                Collections.nCopies(entries.size(), hash),
                List.of(),
                "");
    }

    @Test
    void hasEachDeletionOfASweepBetweenItsBeginningAndItsEnd() {
        world.due(3).young("y");

        SweepReport report = world.sweeper().sweep();

        assertThat(report.deleted()).isEqualTo(3);
        assertThat(report.message()).doesNotContain(NOTICE);
        assertThat(kinds("due-0000")).containsExactly("claim", "outcome");
        assertThat(kinds("y")).isEmpty();
        assertThat(kinds("")).containsSubsequence("policy", "run-start", "claim", "outcome", "run-end");
        assertThat(kinds("")).filteredOn(kind -> kind.equals("outcome")).hasSize(3);
        assertThat(kinds("")).endsWith("run-end", "census");
    }

    @Test
    void hasAnErasureBeforeItsClaim() {
        world.young("y");
        RetentionOperations.of(world.sweeper()).erase(List.of("y"), "dpo", "request 17");
        assertThat(kinds("y")).containsExactly("erasure", "claim", "outcome");
    }

    @Test
    void eachReportSaysThatThereIsNone() {
        world.due(1);
        world.repository.setEvidence(false);

        assertThat(world.sweeper().preview().message()).contains(NOTICE);
        assertThat(world.sweeper().sweep().message()).contains(NOTICE);
        RetentionOperations.of(world.sweeper()).pause("ops", "maintenance");
        assertThat(world.sweeper().sweep().message()).contains(NOTICE);
        assertThat(kinds("")).isEmpty();
        world.repository.setEvidence(true);
        assertThat(world.sweeper().preview().message()).doesNotContain(NOTICE);
    }

    @Test
    void beginsWithWhatTheLedgerHadBefore() {
        world.due("before");
        world.repository.setEvidence(false);
        world.sweeper().sweep();
        world.repository.setEvidence(true);
        world.due("after");
        world.sweeper().sweep();

        assertThat(kinds("")).startsWith("adoption", "policy", "run-start", "claim");
        assertThat(kinds("")).filteredOn(kind -> kind.equals("adoption")).hasSize(1);
        assertThat(new String(world.repository.evidence().leaves(0, 1).get(0).entry(), StandardCharsets.UTF_8))
                .contains("\"states\":{\"DELETED\":1},\"sha256\":\"");
        assertThat(kinds("before")).isEmpty();
    }

    @Test
    void hasNoSuchBeginningWhereItDescribesTheWholeLedger() {
        world.due(3);
        world.sweeper().sweep();
        assertThat(kinds("")).contains("claim").doesNotContain("adoption");
    }
}
