package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;

/** What a run must have met before its silence means anything. */
enum Coverage {
    /** Everything. */
    ALL,
    /** What a database has a part in. */
    DATABASE,
    /** Nothing: the run is about something else. */
    NONE;

    /** What has to happen in the bad time. */
    List<Errand> errands() {
        List<Errand> errands = new ArrayList<>();
        if (this == NONE) {
            return errands;
        }
        for (CrashPoint point : CrashPoint.values()) {
            if (this == ALL || point.isAtTheDatabase()) {
                errands.add(Errand.dying(point));
            }
        }
        errands.add(Errand.losing("claim"));
        errands.add(Errand.losing("record"));
        for (String wanted : List.of(
                "answer DELETED",
                "commit answer lost: network",
                "hold HELD",
                "hold LATE",
                "hold on a twin HELD",
                "hold by attribute",
                "lease taken over",
                "taken up again",
                "budget used up",
                "kill",
                "pause",
                "database restart",
                "brake FIRST_RUN",
                "brake confirmed once")) {
            errands.add(Errand.others(wanted));
        }
        if (this == ALL) {
            addAnswers(errands);
        }
        // The healed phase has something to decide then.
        errands.add(Errand.fault("fault 400", "400"));
        return errands;
    }

    private static void addAnswers(List<Errand> errands) {
        errands.add(Errand.fault("answer NOT_YET", "409"));
        errands.add(Errand.fault("answer STILL_THERE", "500"));
        errands.add(Errand.fault("answer ALREADY_GONE", "500 applied"));
        errands.add(Errand.fault("answer TRY_LATER", "503"));
        errands.add(Errand.fault("applied late", "503 applied later"));
        errands.add(Errand.odd("run CLOCKS_DISAGREE", Odd.CLOCK));
        errands.add(Errand.odd("brake CLONE", Odd.CLONE));
        errands.add(Errand.odd("brake POLICY", Odd.POLICY));
        for (String wanted : List.of(
                "answer NOTHING_STORED",
                "answer NOT_FOUND",
                "answer KEPT_ELSEWHERE",
                "answer REFUSED_UNSENT",
                "run CREDENTIALS_REFUSED",
                "erase ERASED",
                "erase SHARED",
                "freeze")) {
            errands.add(Errand.others(wanted));
        }
    }

    /** What is only known when all is over. */
    List<String> afterwards() {
        return this == NONE ? List.of() : List.of("stopped", "retry DONE", "accept DONE");
    }
}
