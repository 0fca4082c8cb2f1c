package dev.retention.torture;

import java.util.List;

/** Compares journal, provider, database and fixture. A new {@link Check} is added here. */
final class Checker {

    /** What can be told from the journal alone, at any time. */
    private static final List<Check> OF_REQUESTS = List.of(
            new HoldCheck(),
            new AddressCheck(),
            new DueCheck(),
            new GateCheck(),
            new PermissionCheck(),
            new RepetitionCheck(),
            new Budgets(),
            new SilenceCheck());

    /** What takes a look at the database too. */
    private static final List<Check> OF_ROWS = List.of(new RecordCheck(), new OutcomeCheck(), new ReportCheck());

    private Checker() {}

    static Findings ofRequests(Evidence evidence) {
        Findings findings = new Findings();
        OF_REQUESTS.forEach(check -> check.check(evidence, findings));
        return findings;
    }

    static Findings all(Evidence evidence) {
        Findings findings = ofRequests(evidence);
        OF_ROWS.forEach(check -> check.check(evidence, findings));
        return findings;
    }

    /** Whether everything has come to its end. */
    static boolean isSettled(Evidence evidence) {
        Findings findings = new Findings();
        new OutcomeCheck().check(evidence, findings);
        return findings.counted(Findings.Count.LOST) == 0 && findings.counted(Findings.Count.UNRECORDED) == 0;
    }
}
