package dev.retention.internal.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.internal.evidence.SignedNote.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Signed notes and checkpoints, with the examples of their specifications. */
class SignedNoteTest {

    /** The example of c2sp.org/signed-note. */
    private static final String KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";

    private static final String SIGNATURE = "\u2014 example.com/foo"
            + " Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

    private static final String NOTE = "This is an example message.\n\n" + SIGNATURE;

    /** The example of c2sp.org/tlog-checkpoint. */
    private static final String CHECKPOINT = """
            example.com/behind-the-sofa
            20852163
            CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

            \u2014 example.com/behind-the-sofa \
            Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
            """;

    private final VerifierKey key = VerifierKey.parse(KEY);

    @Test
    void theSpecificationsExampleIsVerified() {
        SignedNote note = SignedNote.parse(NOTE);
        assertThat(note.text()).isEqualTo("This is an example message.\n");
        assertThat(note.verify(List.of(key))).isEqualTo(Verdict.VERIFIED);
        assertThat(note.toString()).isEqualTo(NOTE);
        assertThat(key.toString()).isEqualTo(KEY);
        assertThat(key.id()).isEqualTo(0x530d903a);
    }

    @Test
    void aChangedTextIsNotVerified() {
        SignedNote note = SignedNote.parse(NOTE.replace("example message", "exampla message"));
        assertThat(note.verify(List.of(key))).isEqualTo(Verdict.INVALID);
    }

    @Test
    void signaturesOfUnknownKeysSayNothing() {
        SignedNote foreign = SignedNote.parse(NOTE.replace("example.com/foo ", "example.com/bar "));
        assertThat(foreign.verify(List.of(key))).isEqualTo(Verdict.UNSIGNED);
        assertThat(SignedNote.parse(NOTE).verify(List.of())).isEqualTo(Verdict.UNSIGNED);
        // The same name with another id is another key.
        SignedNote other = SignedNote.parse(NOTE.replace("Uw2QOkn8", "Vw2QOkn8"));
        assertThat(other.verify(List.of(key))).isEqualTo(Verdict.UNSIGNED);
        SignedNote both = SignedNote.parse(NOTE + SIGNATURE.replace("example.com/foo", "witness.example"));
        assertThat(both.signatures()).hasSize(2);
        assertThat(both.verify(List.of(key))).isEqualTo(Verdict.VERIFIED);
    }

    /** A note is rejected if one signature of a known key fails, even if another one is right. */
    @Test
    void oneWrongSignatureOfAKnownKeyIsEnough() {
        String wrong = SIGNATURE.replace("Uw2QOkn8s", "Uw2QOkn8t");
        assertThat(SignedNote.parse(NOTE + wrong).verify(List.of(key))).isEqualTo(Verdict.INVALID);
        assertThat(SignedNote.parse("This is an example message.\n\n" + wrong + SIGNATURE)
                        .verify(List.of(key)))
                .isEqualTo(Verdict.INVALID);
    }

    @Test
    void theTextEndsAtTheLastEmptyLine() {
        SignedNote note = SignedNote.parse("one\n\ntwo\n\n" + SIGNATURE);
        assertThat(note.text()).isEqualTo("one\n\ntwo\n");
        assertThat(note.verify(List.of(key))).isEqualTo(Verdict.INVALID);
        assertThat(SignedNote.parse("one\n\n").signatures()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "text",
                "text\n",
                "text\n\nno signature line\n",
                "text\n\n- example.com/foo Uw2QOkn8srV1yJGh\n",
                "text\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh",
                "text\n\n\u2014 example.com/foo\n",
                "text\n\n\u2014  Uw2QOkn8srV1yJGh\n",
                "text\n\n\u2014 example.com/foo Uw2QOg==\n",
                "text\n\n\u2014 example.com/foo Uw2QOkn8srV1yJG\n",
                "text\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh==\n",
                "text\n\n\u2014 example+com/foo Uw2QOkn8srV1yJGh\n",
                "text\n\n\u2014 example.com\u00a0foo Uw2QOkn8srV1yJGh\n",
                "te\txt\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh\n",
                "te\rxt\n\n\u2014 example.com/foo Uw2QOkn8srV1yJGh\n"
            })
    void whatIsNoNoteIsRefused(String note) {
        assertThatThrownBy(() -> SignedNote.parse(note)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void moreSignaturesThanAnybodyMakesAreRefused() {
        assertThat(SignedNote.parse(NOTE + SIGNATURE.repeat(63)).verify(List.of(key)))
                .isEqualTo(Verdict.VERIFIED);
        assertThatThrownBy(() -> SignedNote.parse(NOTE + SIGNATURE.repeat(64)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "example.com/foo",
                "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "example.com/fox+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
                "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3Q=="
            })
    void whatIsNoVerifierKeyIsRefused(String text) {
        assertThatThrownBy(() -> VerifierKey.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theSpecificationsCheckpointIsRead() {
        SignedNote note = SignedNote.parse(CHECKPOINT);
        Checkpoint checkpoint = Checkpoint.parse(note);
        assertThat(checkpoint.origin()).isEqualTo("example.com/behind-the-sofa");
        assertThat(checkpoint.size()).isEqualTo(20_852_163);
        assertThat(checkpoint.text()).isEqualTo(note.text());
        assertThat(new SignedNote(checkpoint.text(), note.signatures()).toString())
                .isEqualTo(CHECKPOINT);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "log\n1\n",
                "log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n",
                "log\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
                "log\n-1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
                "log\n99999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
                "log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n",
                "log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
                "my log\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
            })
    void whatIsNoCheckpointIsRefused(String text) {
        assertThatThrownBy(() -> Checkpoint.parse(new SignedNote(text, List.of())))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCheckpointWithoutAKeyIsANoteWithoutSignatures() {
        Checkpoint checkpoint =
                new Checkpoint("example.com/log", 5, Trees.of(5).head().root());
        String note = checkpoint.signed(null).toString();
        assertThat(note).endsWith("=\n\n");
        assertThat(Checkpoint.parse(SignedNote.parse(note))).isEqualTo(checkpoint);
        assertThat(SignedNote.parse(note).verify(List.of(key))).isEqualTo(Verdict.UNSIGNED);
    }
}
