package dev.retention.internal.report;

import dev.retention.spi.EvidenceLog;

/** Says in each report that no evidence is written, where that is so. */
public final class EvidenceNotice {

    private static final String NONE = "No evidence is written, since it is switched off: retention.evidence.enabled is"
            + " false, or the repository was built without it. Nobody can check later that nothing was changed";

    private EvidenceNotice() {}

    /** The message of a report, with the notice if there is no evidence. */
    public static String in(String message, EvidenceLog evidence) {
        return evidence.enabled() ? message : message + ". " + NONE;
    }
}
