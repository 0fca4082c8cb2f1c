package dev.retention;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.slf4j.LoggerFactory;

/**
 * What is logged while a test runs, by any thread. Other tests log at the same time, so a line must be looked for by
 * something that only this test has.
 */
class CapturedLog extends AppenderBase<ILoggingEvent> implements BeforeEachCallback, AfterEachCallback {

    private final Queue<ILoggingEvent> events = new ConcurrentLinkedQueue<>();
    private final Logger logger;

    CapturedLog(String logger) {
        this.logger = (Logger) LoggerFactory.getLogger(logger);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        start();
        logger.addAppender(this);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        logger.detachAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
        events.add(event);
    }

    Stream<ILoggingEvent> events() {
        return events.stream();
    }

    /** The lines of this level that contain all of the parts. */
    Stream<String> lines(Level level, String... parts) {
        return textsOf(events().filter(event -> event.getLevel() == level), parts);
    }

    /** Like {@link #lines}, of one run. */
    Stream<String> linesOfRun(String run, Level level, String... parts) {
        return textsOf(
                events().filter(event -> event.getLevel() == level)
                        .filter(event -> run.equals(event.getMDCPropertyMap().get("retention.run"))),
                parts);
    }

    private static Stream<String> textsOf(Stream<ILoggingEvent> some, String... parts) {
        return some.map(ILoggingEvent::getFormattedMessage)
                .filter(line -> Stream.of(parts).allMatch(line::contains));
    }
}
