package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;

/** Who takes part in the bad time. A new {@link Actor} is added here. */
final class Cast {

    private Cast() {}

    static List<Actor> of(TortureSettings settings) {
        List<Actor> cast = new ArrayList<>();
        for (int slot = 0; slot < settings.instances(); slot++) {
            cast.add(new Keeper(slot));
        }
        cast.add(new EngineWriter());
        cast.add(new EngineChanger());
        cast.add(new Confirmer());
        cast.add(new HoldClerk());
        cast.add(new TenantHolder());
        cast.add(new Eraser());
        cast.add(new Eyewitness());
        cast.add(new LateApplier());
        cast.add(new WireKiller());
        if (settings.sabotage() == Sabotage.NONE) {
            cast.add(new Killer());
            if (!settings.inOneProcess()) {
                cast.add(new Freezer());
            }
            cast.add(new NetworkFaults());
        } else {
            cast.add(new CommitCutter());
        }
        if (settings.sabotage() == Sabotage.NONE || settings.sabotage() == Sabotage.PAUSE_IGNORED) {
            cast.add(new Pauser());
        }
        if (settings.restarts() > 0) {
            cast.add(new Restarter());
        }
        return cast;
    }
}
