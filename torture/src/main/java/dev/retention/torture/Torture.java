package dev.retention.torture;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run: sets everything up, lets it suffer, heals it, waits until all is done, and has it checked. */
final class Torture {

    private static final Logger log = LoggerFactory.getLogger(Torture.class);

    private final TortureSettings settings;

    Torture(TortureSettings settings) {
        this.settings = settings;
    }

    TortureResult run() throws Exception {
        long began = System.nanoTime();
        log.info("seed={} {}", settings.seed(), settings);
        try (World world = new World(settings)) {
            world.prepare();
            boolean seemsCaught = !new BadTime(world).pass().isEmpty();
            List<String> missing = new ArrayList<>(world.deck.missing());
            Findings findings = new Findings();
            if (seemsCaught) {
                // Once more, when everything was heard.
                world.instances.end();
                findings = Checker.ofRequests(Evidence.complete(world, Dump.EMPTY));
            }
            if (findings.isEmpty()) {
                findings = new Aftermath(world, new GoodTime(world).pass()).check();
                settings.coverage().afterwards().stream()
                        .filter(what -> world.journal.counted(what) == 0)
                        .forEach(missing::add);
            }
            return new TortureResult(
                    settings,
                    findings,
                    world.journal.counts(),
                    missing,
                    world.journal.noted(),
                    world.instances.deaths(),
                    Duration.ofNanos(System.nanoTime() - began));
        }
    }
}
