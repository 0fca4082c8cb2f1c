package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;

/** What a run must have seen before its silence means anything. */
final class Coverage {

    private static final List<String> ANSWERS = List.of(
            "DELETED",
            "ALREADY_GONE",
            "NOTHING_STORED",
            "NOT_FOUND",
            "KEPT_ELSEWHERE",
            "STILL_THERE",
            "NOT_YET",
            "TRY_LATER",
            "REFUSED_UNSENT");

    private Coverage() {}

    /** What is only known when all is over comes on top. */
    static List<String> missing(Journal journal) {
        List<String> missing = new ArrayList<>(missingSoFar(journal));
        for (String what : List.of(
                "budget used up",
                "lease taken over",
                "commit answer lost: network",
                "stopped",
                "retry DONE",
                "accept DONE")) {
            if (journal.counted(what) == 0) {
                missing.add(what);
            }
        }
        return missing;
    }

    static List<String> missingSoFar(Journal journal) {
        List<String> wanted = new ArrayList<>();
        for (CrashPoint point : CrashPoint.values()) {
            wanted.add("crash " + point);
        }
        ANSWERS.forEach(answer -> wanted.add("answer " + answer));
        wanted.addAll(List.of(
                "hold HELD",
                "hold LATE",
                "hold by attribute",
                "erase ERASED",
                "taken up again",
                "applied late",
                "commit answer lost: claim",
                "commit answer lost: record",
                "kill",
                "freeze",
                "pause",
                "run CLOCKS_DISAGREE",
                "run CREDENTIALS_REFUSED",
                "brake FIRST_RUN",
                "brake confirmed once",
                "brake CLONE",
                "brake POLICY",
                "database restart"));
        wanted.removeIf(what -> journal.counted(what) > 0);
        return wanted;
    }
}
