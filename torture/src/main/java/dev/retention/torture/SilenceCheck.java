package dev.retention.torture;

import java.util.Set;

/** CLOCK: an instance with a wrong clock or another environment sends nothing. */
final class SilenceCheck implements Check {

    @Override
    public void check(Evidence evidence, Findings findings) {
        Set<Integer> silent = evidence.journal.silent();
        for (Request request : evidence.requests) {
            if (request.isDelete() && silent.contains(request.instance)) {
                findings.violated("CLOCK", "sent by an instance whose clocks or environment differ: " + request);
            }
        }
    }
}
