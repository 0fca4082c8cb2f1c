package dev.retention.torture;

import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.ClaimOutcome;
import dev.retention.spi.Controls;
import dev.retention.spi.DatabaseIdentity;
import dev.retention.spi.DeletionGate;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.HoldRegister;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import dev.retention.spi.RecordingRepository;
import dev.retention.spi.RecordingSource;
import dev.retention.spi.SealStep;
import dev.retention.spi.SweepRuns;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Comes before the ports of an instance's library: tells what goes through, dies in it, and breaks guards. */
final class Ports {

    static final DatabaseIdentity IDENTITY = new DatabaseIdentity("the database of the torture", false);
    static final String TARGET = "the provider of the torture";

    private final Doom doom;
    private final Saboteur saboteur;
    private final Telling telling;

    Ports(Doom doom, Saboteur saboteur, Telling telling) {
        this.doom = doom;
        this.saboteur = saboteur;
        this.telling = telling;
    }

    /** @param clock the instance's own */
    RecordingRepository around(RecordingRepository real, Clock clock) {
        DeletionGate gate = Interception.of(DeletionGate.class, real.gate(), doom.living(this::onGate));
        HoldRegister holds = Interception.of(HoldRegister.class, real.holds(), doom.living(this::onHolds));
        SweepRuns runs = Interception.of(
                SweepRuns.class,
                real.runs(),
                doom.living((method, args, call) -> onRuns(real.runs(), method, args, call)));
        Controls controls = Interception.of(
                Controls.class,
                saboteur.around(real.controls()),
                doom.living((method, args, call) -> call.proceed(args)));
        EvidenceLog evidence = Interception.of(EvidenceLog.class, real.evidence(), doom.living(this::onEvidence));
        saboteur.over(gate, real.evidence());
        return Interception.of(RecordingRepository.class, real, doom.living((method, args, call) -> switch (method) {
            case "gate" -> gate;
            case "holds" -> holds;
            case "runs" -> runs;
            case "controls" -> controls;
            case "evidence" -> evidence;
            case "recordings" -> saboteur.around(told(real.recordings()));
            // Each reaches the one database through a proxy, and so a port, of its own.
            case "identity" -> IDENTITY;
            case "now" ->
                saboteur.is(Sabotage.CLOCKS_NOT_COMPARED)
                        ? clock.instant().atOffset(ZoneOffset.UTC).toInstant()
                        : call.proceed(args);
            default -> call.proceed(args);
        }));
    }

    private RecordingSource told(RecordingSource real) {
        return Interception.of(RecordingSource.class, real, (method, args, call) -> {
            Object result = call.proceed(args);
            if (result instanceof RecordingSource.Page page
                    && !page.unreadable().isEmpty()) {
                telling.tell("UNREADABLE");
            }
            return result;
        });
    }

    private @Nullable Object onGate(String method, @Nullable Object[] args, Interception.Call proceed)
            throws Throwable {
        Interception.Call call = saboteur.unwritten(method, proceed);
        return switch (method) {
            case "claim" -> {
                doom.at(CrashPoint.C0_BEFORE_THE_CLAIM);
                long begun = System.nanoTime();
                Object result = saboteur.claim(args, with -> doom.during("claim", call, with));
                if (result instanceof DeletionGate.Claims claims
                        && !claims.claims().isEmpty()) {
                    telling.claimed(claims.claims());
                    telling.checkedByClaiming(begun, claims.claims());
                    doom.at(CrashPoint.C3_CLAIMED_NOT_SENT);
                }
                yield result;
            }
            case "reclaim" -> {
                Object result = saboteur.reclaim(args, with -> doom.during("reclaim", call, with));
                if (result instanceof List<?> claims && !claims.isEmpty()) {
                    telling.claimed(claims);
                    doom.at(CrashPoint.C10_IN_RECOVERY);
                }
                yield result;
            }
            case "verify" -> {
                long begun = System.nanoTime();
                Object result = saboteur.verify(args, with -> doom.during("verify", call, with));
                if (result instanceof Set<?> allowed) {
                    telling.checked(begun, allowed.stream().map(String::valueOf));
                }
                yield result;
            }
            case "release" -> {
                telling.releasing((Collection<?>) args[0]);
                yield doom.during("release", call, args);
            }
            case "record" -> record(args, call);
            default -> call.proceed(args);
        };
    }

    private @Nullable Object record(@Nullable Object[] args, Interception.Call call) throws Throwable {
        boolean proven = args[0] instanceof Collection<?> outcomes
                && outcomes.stream().anyMatch(o -> ((ClaimOutcome) o).step() == ClaimOutcome.Step.DELETED);
        if (proven) {
            doom.at(CrashPoint.C6_ANSWERED_NOT_RECORDED);
        }
        Object result = saboteur.record(args, with -> doom.during(proven ? "record" : "record-other", call, with));
        if (proven) {
            doom.at(CrashPoint.C9_RECORDED);
        }
        return result;
    }

    private @Nullable Object onHolds(String method, @Nullable Object[] args, Interception.Call call) throws Throwable {
        boolean changes = method.startsWith("place") || method.equals("release");
        Object result = changes ? doom.during("hold", call, args) : call.proceed(args);
        return saboteur.held(method, args, result);
    }

    private @Nullable Object onRuns(SweepRuns real, String method, @Nullable Object[] args, Interception.Call call)
            throws Throwable {
        return switch (method) {
            case "open" -> saboteur.open(call.proceed(args), real);
            case "end" -> doom.during("end", call, args);
            case "advance" -> doom.during("advance", call, args);
            case "joinOrOpenAfter" -> saboteur.opened(args, doom.during("open", call, args));
            default -> call.proceed(args);
        };
    }

    private @Nullable Object onEvidence(String method, @Nullable Object[] args, Interception.Call call)
            throws Throwable {
        if (!method.equals("seal") || !(args[1] instanceof SealStep step)) {
            return call.proceed(args);
        }
        doom.at(CrashPoint.C13_BEFORE_THE_SEAL);
        args[1] = (SealStep) (head, entries) -> {
            SealStep.Sealing made = step.append(head, entries);
            doom.within("seal");
            doom.at(CrashPoint.C13_IN_THE_SEAL);
            return made;
        };
        saboteur.sealing();
        return doom.during("seal of nothing", call, args);
    }

    /** Whoever is dead anchors nothing. */
    CheckpointAnchor around(CheckpointAnchor anchor) {
        return Interception.of(CheckpointAnchor.class, anchor, doom.living((method, args, call) -> call.proceed(args)));
    }

    RecordingLookup around(RecordingLookup storage) {
        return Interception.of(RecordingLookup.class, storage, doom.living((method, args, call) -> switch (method) {
            case "delete" -> delete(args, call);
            case "lookUp" -> {
                Object answer = saboteur.lookUp(args, call);
                telling.answered(answer);
                doom.answered();
                yield answer;
            }
            case "target" -> TARGET;
            case "identify" -> saboteur.identify(call, args);
            default -> call.proceed(args);
        }));
    }

    private @Nullable Object delete(@Nullable Object[] args, Interception.Call call) throws Throwable {
        if (!(args[0] instanceof Recording recording)) {
            return call.proceed(args);
        }
        long begun = System.nanoTime();
        telling.sending(recording.id(), begun);
        if (args.length > 1 && args[1] instanceof DeletionPermit permit) {
            args[1] = told(permit, recording.id());
        }
        Object answer = saboteur.delete(args, call);
        telling.answered(answer, recording.id(), begun);
        doom.answered();
        return answer;
    }

    private DeletionPermit told(DeletionPermit permit, String id) {
        return () -> {
            long asked = System.nanoTime();
            boolean lasts = permit.lasts();
            if (lasts) {
                telling.permitted(id, asked);
            }
            return lasts;
        };
    }
}
