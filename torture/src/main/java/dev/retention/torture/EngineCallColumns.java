package dev.retention.torture;

import jakarta.persistence.Column;
import jakarta.persistence.Id;
import jakarta.persistence.MappedSuperclass;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What all versions of the engine map of a call. The columns that are not mapped here belong to others. */
@MappedSuperclass
abstract class EngineCallColumns {

    @Id
    @Column(name = "id")
    private @Nullable Long id;

    @Column(name = "sid", length = 2000)
    private @Nullable String sid;

    @Column(name = "account", length = 200)
    private @Nullable String account;

    @Column(name = "created")
    private @Nullable Instant created;

    @Column(name = "keep_until")
    private @Nullable Instant keepUntil;

    @Column(name = "frozen")
    private @Nullable Boolean frozen;

    @Column(name = "tenant", length = 40)
    private @Nullable String tenant;

    @Column(name = "deleted")
    private @Nullable Instant deleted;

    @Column(name = "reason", length = 200)
    private @Nullable String reason;

    protected EngineCallColumns() {}
}
