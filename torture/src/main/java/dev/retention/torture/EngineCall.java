package dev.retention.torture;

import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Table;
import org.jspecify.annotations.Nullable;

/** A call of the engine. */
@Entity(name = "EngineCall")
@Table(name = "engine_call")
class EngineCall extends EngineCallColumns {

    /** The channels of this version. */
    enum Channel {
        PHONE,
        SIP
    }

    @Enumerated(EnumType.STRING)
    @Column(name = "channel", length = 20)
    private @Nullable Channel channel;

    protected EngineCall() {}
}
