package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.NOON;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.EvidenceReceipt;
import dev.retention.LegalHolds;
import dev.retention.RetentionEvidence;
import dev.retention.autoconfigure.RetentionEndpointTest.MemoryEngine;
import dev.retention.autoconfigure.WebEngine.Answer;
import dev.retention.test.EngineRow;
import dev.retention.test.InMemoryRecordingRepository;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("The endpoint of the evidence log over HTTP")
class RetentionEvidenceEndpointTest {

    private final WebEngine engine = WebEngine.start(MemoryEngine.class);
    private final InMemoryRecordingRepository repository = engine.bean(InMemoryRecordingRepository.class);
    private final RetentionEvidence evidence = engine.bean(RetentionEvidence.class);

    @AfterEach
    void stop() {
        engine.close();
    }

    private void held(String id) {
        repository.put(EngineRow.of(id, "key-" + id, NOON));
        engine.bean(LegalHolds.class).place("case-" + id, List.of(id), "anna", "a case", null);
    }

    private Answer get(String path) {
        return engine.getAt("retentionevidence" + path);
    }

    @Test
    void showsHowFarTheLogIsSealedAndAnchored() {
        held("1");
        Answer before = get("");
        assertThat(before.status()).isEqualTo(200);
        assertThat(before.body().at("/enabled").booleanValue()).isTrue();
        assertThat(before.body().at("/unsealed").longValue()).isEqualTo(2);
        assertThat(before.body().at("/unsealedSince").stringValue()).isEqualTo(NOON.toString());
        assertThat(before.body().has("checkpoint")).isFalse();
        assertThat(before.body().has("verifierKey")).isFalse();
        evidence.seal();
        Answer after = get("");
        assertThat(after.body().at("/checkpoint").stringValue())
                .isEqualTo(evidence.checkpoint().orElseThrow());
        assertThat(after.body().at("/sealed").longValue()).isEqualTo(2);
        assertThat(after.body().at("/anchors/0/name").stringValue()).isEqualTo("log");
        assertThat(after.body().at("/anchors/0/size").longValue()).isEqualTo(2);
    }

    @Test
    void hasTheReceiptOfARecordingWhateverItsId() {
        held("1");
        held("2026/11/a b");
        evidence.seal();
        for (String path : List.of("1", "2026/11/a%20b")) {
            String id = path.replace("%20", " ");
            Answer answer = get("/" + path);
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body().at("/recordingId").stringValue()).isEqualTo(id);
            EvidenceReceipt receipt = evidence.receipt(id);
            assertThat(receipt.entries()).hasSize(1);
            assertThat(answer.body().at("/entries/0/line").stringValue())
                    .isEqualTo(receipt.entries().get(0).line());
            assertThat(answer.body().at("/entries/0/proof").stringValue())
                    .startsWith("c2sp.org/tlog-proof@v1\n")
                    .isEqualTo(receipt.entries().get(0).proof());
            assertThat(answer.body().at("/checkpoint").stringValue()).isEqualTo(receipt.checkpoint());
            assertThat(answer.body().at("/since").stringValue()).isEqualTo(receipt.since());
        }
    }

    @Test
    void saysOfAnUnknownRecordingSinceWhenThereIsEvidence() {
        assertThat(get("/4711").body().at("/message").stringValue()).contains("no sealed entry yet");
        held("1");
        evidence.seal();
        Answer unknown = get("/4711");
        assertThat(unknown.status()).isEqualTo(200);
        assertThat(unknown.body().at("/entries").size()).isZero();
        assertThat(unknown.body().at("/message").stringValue())
                .contains("no sealed entry names this recording", "there is evidence since " + NOON);
    }

    @Test
    void refusesWhatIsNoIdOfARecording() {
        for (String path : List.of("/" + "x".repeat(256), "/%20")) {
            Answer answer = get(path);
            assertThat(answer.status()).as(path).isEqualTo(400);
            assertThat(answer.body().at("/error").stringValue()).contains("1 to 255 characters");
        }
        assertThat(get("/" + "x".repeat(255)).status()).isEqualTo(200);
    }

    @Test
    void saysThatTheDatabaseFails() {
        repository.setUnreachable(true);
        for (String path : List.of("", "/1")) {
            Answer answer = get(path);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body().at("/error").stringValue()).isNotBlank();
        }
    }

    @Test
    void changesNothing() {
        held("1");
        assertThat(engine.postTo("retentionevidence", Map.of("operation", "seal"))
                        .status())
                .isEqualTo(405);
        assertThat(evidence.status().unsealed()).isEqualTo(2);
    }

    @Test
    void remainsReadableWhileTheLogIsOff() {
        held("1");
        evidence.seal();
        repository.setEvidence(false);
        assertThat(get("").body().at("/enabled").booleanValue()).isFalse();
        assertThat(get("").body().at("/sealed").longValue()).isEqualTo(2);
        assertThat(get("/1").body().at("/entries").size()).isEqualTo(1);
    }
}
