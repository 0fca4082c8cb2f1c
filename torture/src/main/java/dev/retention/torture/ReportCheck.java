package dev.retention.torture;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** I11: each report adds up, and says what it left out. */
final class ReportCheck implements Check {

    private static final Pattern NUMBERS = Pattern.compile(
            "SWEEP (\\S+) checked=(\\d+) sum=(\\d+) withoutKey=(\\d+) undated=(\\d+) remaining=(\\d+) .*");

    @Override
    public void check(Evidence evidence, Findings findings) {
        for (String line : evidence.journal.sweeps()) {
            Matcher match = NUMBERS.matcher(line);
            if (match.matches() && !match.group(2).equals(match.group(3))) {
                findings.violated("I11", "does not add up: " + line);
            }
        }
    }

    /** Against a report of the healed phase. */
    static void last(String line, Fixture fixture, Findings findings) {
        long withoutKey = fixture.of(Nature.WITHOUT_KEY).size();
        long undated = fixture.of(Nature.UNDATED, Nature.FROM_THE_FUTURE, Nature.YEAR_ONE)
                .size();
        if (!line.contains(" withoutKey=" + withoutKey + " undated=" + undated + " ")) {
            findings.violated("I11", "withoutKey should be " + withoutKey + " and undated " + undated + ": " + line);
        }
    }
}
