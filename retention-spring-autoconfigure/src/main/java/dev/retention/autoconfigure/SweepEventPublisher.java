package dev.retention.autoconfigure;

import dev.retention.SweepEvent;
import dev.retention.SweepListener;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes events of the sweeper as Spring's application events: {@link SweepEvent.SweepStarted},
 * {@link SweepEvent.OutcomeRecorded} and {@link SweepEvent.SweepEnded}. Single requests are not published; only
 * {@link SweepListener} beans receive them.
 */
final class SweepEventPublisher implements SweepListener {

    private final ApplicationEventPublisher publisher;

    SweepEventPublisher(ApplicationEventPublisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public void on(SweepEvent event) {
        if (!(event instanceof SweepEvent.RequestAnswered)) {
            publisher.publishEvent(event);
        }
    }
}
