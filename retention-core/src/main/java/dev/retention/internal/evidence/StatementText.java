package dev.retention.internal.evidence;

import dev.retention.EvidenceStatement;
import dev.retention.EvidenceStatement.Counts;
import dev.retention.EvidenceStatement.Group;
import dev.retention.internal.support.Sha256;
import dev.retention.spi.Population.Moment;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The text of a statement: lines of a name and a value, and then, in sentences, what it does not say. */
final class StatementText {

    /** No name of a log: it has spaces. So no text of a head is one of a statement. */
    static final String FIRST_LINE = "retention statement 1";

    /** A note has none of them. */
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private static final long SECONDS_PER_MINUTE = 60;

    private final StringBuilder text = new StringBuilder(2_000);

    private StatementText() {}

    /**
     * What a statement is based on.
     *
     * @param policies the policies by which recordings were judged
     * @param list the hash of the table of ids
     * @param since since when there is evidence; null if nothing is sealed yet
     */
    record Bases(String policies, String list, @Nullable String since) {}

    static String of(String origin, EvidenceStatement statement, Moment moment, Bases bases, boolean holdsUnclear) {
        StatementText text = new StatementText();
        Counts counts = statement.counts();
        text.text.append(FIRST_LINE).append('\n');
        text.line("log", origin)
                .line("from", statement.from())
                .line("to", statement.to())
                .line("as-of", statement.at())
                .line("sealed-entries", moment.sealed())
                .line("policies", Sha256.hex(bases.policies()))
                .line("recordings", counts.recordings());
        for (Group group : Group.values()) {
            text.line(group.text(), counts.of(group));
            if (group.isDivided()) {
                counts.parts(group).forEach((part, count) -> text.line("  " + part, count));
            }
        }
        text.line("audio-minutes-freed", counts.audioFreed().toSeconds() / SECONDS_PER_MINUTE)
                .line("audio-of-unknown-length", counts.durationUnknown())
                .line("days-that-shrank", statement.shrunkDays().size());
        statement.shrunkDays().forEach((day, missing) -> text.line("  " + day, -missing));
        text.line("list", bases.list());
        text.scope(statement, bases.since(), holdsUnclear);
        return text.text.toString();
    }

    private void scope(EvidenceStatement statement, @Nullable String since, boolean holdsUnclear) {
        text.append("What this does not say:\n");
        if (since == null) {
            sentence("There is no sealed evidence yet. What happened before now is not in the log.");
        } else {
            sentence("There is evidence since " + since + ". What happened before is not in the log: deletions of then"
                    + " are among the unrecorded ones.");
        }
        sentence("While evidence was switched off, nothing was written into the log: deletions of then are among the"
                + " unrecorded ones.");
        sentence("Rows that the mapping hides are not counted, nor are rows that were removed before their day was"
                + " counted for the first time.");
        sentence("Copies, transcripts and backups that no configured storage covers are not known.");
        sentence("Recordings that are engine-deleted were marked by another program. Nothing proves that their audio is"
                + " deleted.");
        sentence("The size of audio in bytes is not known, only its length, where it is mapped.");
        if (holdsUnclear) {
            sentence("A hold by an attribute that this instance does not map may apply to further recordings.");
        }
        if (!statement.to().isBefore(statement.at())) {
            sentence("The period had not ended: recordings may be added to it.");
        }
    }

    private StatementText line(String name, Object value) {
        text.append(CONTROL.matcher(name).replaceAll("?"))
                .append(' ')
                .append(value)
                .append('\n');
        return this;
    }

    private void sentence(String sentence) {
        text.append("- ").append(sentence).append('\n');
    }
}
