package dev.retention.internal.evidence;

import dev.retention.spi.AnchorReceipt;
import dev.retention.spi.CheckpointAnchor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a line of the log for each head. */
public final class LogAnchor implements CheckpointAnchor {

    private static final Logger log = LoggerFactory.getLogger("dev.retention.evidence");

    @Override
    public String name() {
        return "log";
    }

    /** The signature is in the line too: with it, the line is the whole checkpoint. */
    @Override
    public AnchorReceipt anchor(String checkpoint) {
        SignedNote note = SignedNote.parse(checkpoint);
        String signatures = note.signatures().stream()
                .map(line ->
                        " signature=" + line.toString().strip().substring(2).replace(' ', ':'))
                .reduce("", String::concat);
        log.info("retention checkpoint {}{}", Checkpoint.parse(note), signatures);
        return new AnchorReceipt("logged");
    }
}
