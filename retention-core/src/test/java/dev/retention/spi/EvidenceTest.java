package dev.retention.spi;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.DeletionOutcome;
import dev.retention.spi.DeletionResult.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class EvidenceTest {

    private static final DeletionResult DELETED = DeletionResult.deleted("status=204 request=RQ1");

    @Test
    void isReadBackAsItWasWritten() {
        Evidence evidence = Evidence.NONE
                .with("twilio", DELETED)
                .with("copy", DeletionResult.keptElsewhere("bucket: eu"))
                .with("third", DeletionResult.nothingStored("no media"));

        assertThat(Evidence.parse(evidence.text())).isEqualTo(evidence);
        assertThat(evidence.text()).startsWith("twilio: DELETED status=204 request=RQ1\n");
        assertThat(evidence.statements().keySet()).containsExactly("twilio", "copy", "third");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "twilio",
                "twilio: VAPORISED by a later version",
                "twilio: deleted status=204",
                "DELETED status=204",
                "accepted as gone by ann, nothing proves it",
                "twilio: DELETEDstatus=204"
            })
    void whatHasAnotherFormProvesNothing(String text) {
        Evidence evidence = Evidence.parse(text);

        assertThat(evidence.isEmpty()).isTrue();
        assertThat(evidence.contains("twilio")).isFalse();
        assertThat(evidence.provesDeletion("twilio")).isFalse();
        assertThat(evidence.text()).isNull();
    }

    @Test
    void aLineOfAnotherFormDoesNotHideTheOthers() {
        Evidence evidence = Evidence.parse("first: VAPORISED x\ntwilio: ALREADY_GONE deleted_at=…");

        assertThat(evidence.contains("first")).isFalse();
        assertThat(evidence.provesDeletion("twilio")).isTrue();
    }

    @Test
    void aDetailThatNamesAKindProvesNothing() {
        Evidence evidence = Evidence.NONE.with("twilio", DeletionResult.keptElsewhere("DELETED folder"));

        assertThat(evidence.provesDeletion("twilio")).isFalse();
        assertThat(evidence.has(Kind.DELETED)).isFalse();
        assertThat(evidence.has(Kind.KEPT_ELSEWHERE)).isTrue();
        assertThat(Evidence.parse(evidence.text()).has(Kind.DELETED)).isFalse();
    }

    @Test
    void onlyProofsOfADeletionAreKeptForARetry() {
        Evidence evidence = Evidence.NONE
                .with("a", DELETED)
                .with("b", DeletionResult.nothingStored("never had any"))
                .with("c", DeletionResult.keptElsewhere("a bucket"))
                .with("d", DeletionResult.alreadyGone("shown as deleted"));

        assertThat(evidence.proofs().statements().keySet()).containsExactly("a", "d");
    }

    @Test
    void theStrongestStatementNamesTheOutcome() {
        Evidence nothing = Evidence.NONE.with("a", DeletionResult.nothingStored("none"));
        Evidence gone = nothing.with("b", DeletionResult.alreadyGone("gone"));

        assertThat(nothing.outcome()).isEqualTo(DeletionOutcome.NOTHING_STORED);
        assertThat(gone.outcome()).isEqualTo(DeletionOutcome.ALREADY_GONE);
        assertThat(gone.with("c", DELETED).outcome()).isEqualTo(DeletionOutcome.DELETED);
    }
}
