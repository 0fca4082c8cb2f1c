package dev.retention.internal.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file that proves that one entry is in the log. */
class TlogProofTest {

    private static final int SIZE = 300;

    private final Trees tree = Trees.of(SIZE);
    private final String checkpoint = new Checkpoint(
                    "example.com/log", SIZE, tree.head().root())
            .signed(null)
            .toString();

    @Test
    void provesItsEntryAndNoOther() {
        for (int number : new int[] {0, 1, 255, 256, 299}) {
            TlogProof proof = proof(number);
            TlogProof read = TlogProof.parse(proof.text());
            assertThat(read.text()).isEqualTo(proof.text());
            assertThat(read.entry()).isEqualTo(Trees.entry(number));
            assertThat(read.isProven()).isTrue();
            assertThat(new TlogProof(Trees.entry(number + 1), number, read.hashes(), checkpoint).isProven())
                    .isFalse();
            assertThat(new TlogProof(Trees.entry(number), number + 1, read.hashes(), checkpoint).isProven())
                    .isFalse();
        }
    }

    @Test
    void hasTheFormOfTheSpecification() {
        String[] lines = proof(299).text().split("\n", -1);
        assertThat(lines[0]).isEqualTo("c2sp.org/tlog-proof@v1");
        assertThat(lines[1]).isEqualTo("extra " + Base64.getEncoder().encodeToString(Trees.entry(299)));
        assertThat(lines[2]).isEqualTo("index 299");
        assertThat(proof(299).text()).endsWith("\n\n" + checkpoint);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "c2sp.org/tlog-proof@v1\nextra AAEC\nindex 1\n",
                "c2sp.org/tlog-proof@v2\nextra AAEC\nindex 1\n\nnote",
                "c2sp.org/tlog-proof@v1\n\nnote",
                "c2sp.org/tlog-proof@v1\nextra AAEC\nindex 01\n\nnote",
                "c2sp.org/tlog-proof@v1\nextra AAEC\nindex -1\n\nnote",
                "c2sp.org/tlog-proof@v1\nindex 1\nextra AAEC\n\nnote",
                "c2sp.org/tlog-proof@v1\nextra A\nindex 1\n\nnote",
                "c2sp.org/tlog-proof@v1\nextra AAEC\nindex 1\nAAEC\n\nnote"
            })
    void whatIsNoProofIsRefused(String text) {
        assertThatThrownBy(() -> TlogProof.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }

    private TlogProof proof(int number) {
        return new TlogProof(Trees.entry(number), number, tree.proofs().inclusion(number, SIZE), checkpoint);
    }
}
