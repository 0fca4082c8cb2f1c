package dev.retention.autoconfigure;

import dev.retention.SweepEvent;
import dev.retention.SweepListener;
import org.springframework.context.ApplicationEventPublisher;

/**
 * Publishes what happens as application events of these very types: {@link SweepEvent.SweepStarted}, {@link SweepEvent.OutcomeRecorded} and
 * {@link SweepEvent.SweepEnded}. Single requests are not published; a {@link SweepListener} bean is told of them.
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
