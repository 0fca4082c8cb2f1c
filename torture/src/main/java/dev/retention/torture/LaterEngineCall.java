package dev.retention.torture;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** A call of a later version of the engine, which has a channel that the other version does not know. */
@Entity(name = "EngineCall")
@Table(name = "engine_call")
class LaterEngineCall extends EngineCallColumns {

    /** The channels of the later version. */
    enum Channel {
        PHONE,
        SIP,
        CHAT
    }

    @Enumerated(EnumType.STRING)
    @Column(name = "channel", length = 20)
    private @Nullable Channel channel;

    protected LaterEngineCall() {}
}
