package dev.retention.autoconfigure;

import java.time.Clock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;

/**
 * The clock by which the library works: the application's, if it has one or marks one as primary, or else the system's.
 */
record RetentionClock(Clock clock) {

    private static final Logger log = LoggerFactory.getLogger(RetentionClock.class);

    static RetentionClock of(ObjectProvider<Clock> clocks) {
        Clock only = clocks.getIfUnique();
        if (only != null) {
            return new RetentionClock(only);
        }
        if (clocks.stream().findAny().isPresent()) {
            log.info("There are several beans of type Clock, and none of them is primary, so the system's clock is"
                    + " used. If the library is to use one of them, mark it with @Primary");
        }
        return new RetentionClock(Clock.systemUTC());
    }
}
