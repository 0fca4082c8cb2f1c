package dev.retention.internal.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.spi.EvidenceEntry;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Entries as they are read for an export. */
class EntryTextTest {

    private static final Instant AT = Instant.parse("2026-03-01T03:00:00.000001Z");

    @Test
    void readsWhatAnEntrySays() {
        String text = "a \"b\" \\ / \n \t \u00e9 \ud83d\ude00 \u0001";
        EvidenceEntry entry = EvidenceEntry.builder(EvidenceEntry.Kind.CENSUS, AT)
                .recording(text)
                .number("rows", -5L)
                .numbers("days", Map.of("b", 2L, "a", 1L))
                .build();
        EntryText read = EntryText.parse(entry.line());
        assertThat(read.text("kind")).isEqualTo("census");
        assertThat(read.text("at")).isEqualTo("2026-03-01T03:00:00.000001Z");
        assertThat(read.text("id")).isEqualTo(text);
        assertThat(read.number("rows")).isEqualTo(-5);
        assertThat(read.text("days")).isEqualTo("{a=1, b=2}");
        assertThat(read.text("missing")).isEmpty();
        assertThat(read.number("missing")).isNull();
    }

    @Test
    void anotherVersionIsRefusedWithBoth() {
        assertThatThrownBy(() -> EntryText.parse("{\"v\":2,\"kind\":\"claim\"}"))
                .hasMessage("an entry of the format 2, and this version of the library reads the format 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "{}",
                "[]",
                "{\"v\":1",
                "{\"v\":1}x",
                "{\"v\":1,}",
                "{\"v\":1,\"v\":1}",
                "{\"v\":1.5}",
                "{\"v\":true}",
                "{\"v\":\"1\"}",
                "{\"v\":1,\"a\":\"\\x\"}",
                "{\"v\":1,\"a\":\"\\u12\"}",
                "{\"v\":1,\"a\":-}",
                "{\"v\":99999999999999999999}"
            })
    void whatIsNoEntryIsRefused(String line) {
        assertThatThrownBy(() -> EntryText.parse(line)).isInstanceOf(IllegalArgumentException.class);
    }
}
