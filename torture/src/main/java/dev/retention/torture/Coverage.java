package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;

/** What a run must have met before its silence means anything. */
enum Coverage {
    /** Everything. */
    ALL,
    /** What a database has a part in. */
    DATABASE,
    /** What takes processes: signals, and the loss of everything that they had in memory. */
    PROCESSES,
    /** Nothing: the run is about something else. */
    NONE;

    static final String FREEZE = "freeze";
    static final String RESTART = "database restart";

    /** What has to happen in the bad time. */
    List<Errand> errands() {
        List<Errand> errands = new ArrayList<>();
        if (this == NONE) {
            return errands;
        }
        if (this == PROCESSES) {
            addOfProcesses(errands);
            return errands;
        }
        for (CrashPoint point : CrashPoint.values()) {
            if (this == ALL || point.isAtTheDatabase()) {
                errands.add(Errand.dying(point));
            }
        }
        errands.add(Errand.losing("claim"));
        errands.add(Errand.losing("record"));
        errands.add(Errand.losing("seal"));
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
                RESTART,
                "brake FIRST_RUN",
                "brake confirmed once",
                "brake SHARE",
                "sweep beside what it can't read")) {
            errands.add(Errand.others(wanted));
        }
        for (EngineChanger.Change change : EngineChanger.Change.values()) {
            errands.add(Errand.others(change.wanted()));
        }
        if (this == ALL) {
            // Again, until others were at work meanwhile.
            errands.add(Errand.stalling(Stall.OTHERS_CLAIMED, "claim"));
            errands.add(Errand.stalling(Stall.undone("record"), "record"));
            addAnswers(errands);
        }
        // The healed phase has something to decide then.
        errands.add(Errand.fault("fault 400", "400"));
        return errands;
    }

    private static void addOfProcesses(List<Errand> errands) {
        for (CrashPoint point : List.of(
                CrashPoint.C2_CLAIM_COMMITTED_UNSEEN,
                CrashPoint.C4_ON_THE_WIRE,
                CrashPoint.C5_DELETED_NOT_ANSWERED,
                CrashPoint.C6_ANSWERED_NOT_RECORDED)) {
            errands.add(Errand.dying(point));
        }
        for (String wanted : List.of(
                "answer DELETED",
                "commit answer lost: network",
                FREEZE,
                "hold HELD",
                "kill",
                "lease taken over",
                RESTART,
                "taken up again")) {
            errands.add(Errand.others(wanted));
        }
    }

    /** Of races, each side must have won so often; in a long run only. */
    static List<Errand> races() {
        List<Errand> errands = new ArrayList<>();
        for (String won : List.of(
                "hold HELD", "hold LATE", "hold on a twin HELD", "hold on a twin LATE", "erase HELD", "erase ERASED")) {
            errands.add(Errand.race(won, 20));
        }
        for (EngineChanger.Change change : EngineChanger.Change.values()) {
            errands.add(Errand.race(change.wanted() + " in flight", 1));
            if (change != EngineChanger.Change.OTHER_KEY) {
                errands.add(Errand.race(change.wanted() + " before", 1));
            }
        }
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
        errands.add(Errand.odd("brake MONTHS", Odd.MONTHS));
        errands.add(Errand.odd("brake MAPPING", Odd.MAPPING));
        errands.add(Errand.odd("swept in a dry run", Odd.DRY_RUN));
        errands.add(Errand.odd("run ACCOUNT_MISMATCH_SUSPECTED", Odd.ELSEWHERE));
        for (String wanted : List.of(
                "answer NOTHING_STORED",
                "answer NOT_FOUND",
                "answer KEPT_ELSEWHERE",
                "answer REFUSED_UNSENT",
                "run CREDENTIALS_REFUSED",
                "erase ERASED",
                "erase SHARED",
                FREEZE)) {
            errands.add(Errand.others(wanted));
        }
    }

    /** What is only known when all is over. */
    List<String> afterwards() {
        return this == NONE || this == PROCESSES ? List.of() : List.of("stopped", "retry DONE", "accept DONE");
    }
}
