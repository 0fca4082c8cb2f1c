package dev.retention.torture;

import dev.retention.test.twilio.TwilioFault;
import dev.retention.test.twilio.TwilioObserver;
import dev.retention.test.twilio.TwilioRequest;
import org.jspecify.annotations.Nullable;

/** Sees what arrives at a provider that has none of the recordings. */
final class Astray implements TwilioObserver {

    private final Journal journal;
    private final Fixture fixture;

    Astray(Journal journal, Fixture fixture) {
        this.fixture = fixture;
        this.journal = journal;
    }

    @Override
    public @Nullable TwilioFault received(TwilioRequest received, String user) {
        journal.count("asked elsewhere");
        // Of what has no account there are no recent recordings either, by which it could be identified: ten are tried.
        boolean named = fixture.bySid(received.sid()).stream().anyMatch(row -> row.account() != null);
        if (received.method().equals("DELETE") && named) {
            journal.astray(received.method() + " " + received.sid() + " by i" + Keys.instance(user));
        }
        return null;
    }
}
