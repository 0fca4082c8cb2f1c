package dev.retention.autoconfigure.engine;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** An engine's entity whose attributes have other names than the library's defaults. */
@Entity
public class TestCall {

    @Id
    public UUID callId = UUID.randomUUID();

    public @Nullable String sid;
    public @Nullable Instant recorded;
    public @Nullable LocalDateTime recordedLocally;
    public @Nullable Instant removed;
    public @Nullable String removalReason;
    public @Nullable String tenant;

    protected TestCall() {}

    public TestCall(String sid, Instant recorded) {
        this.sid = sid;
        this.recorded = recorded;
    }
}
