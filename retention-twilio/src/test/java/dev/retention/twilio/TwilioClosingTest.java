package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.test.twilio.TwilioFault;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Looks at all threads of the virtual machine, so nothing else may run; what ran before has been closed. */
@Isolated
class TwilioClosingTest {

    private static Set<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(Thread::isAlive)
                .map(Thread::getName)
                .filter(name -> name.startsWith("retention-twilio"))
                .collect(Collectors.toSet());
    }

    @Test
    void leavesNoThreadAndNoConnectionBehind() throws Exception {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            Set<Thread> before = Thread.getAllStackTraces().keySet();
            assertThat(fixture.storage.delete(recording(fixture.add())).kind()).isEqualTo(Kind.DELETED);
            assertThat(threads()).isNotEmpty();
            assertThat(fixture.twilio.connectionsOpen()).isEqualTo(1);

            fixture.storage.close();
            fixture.storage.close();

            assertThat(threads()).isEmpty();
            fixture.twilio.close();
            assertThat(fixture.twilio.connectionsOpen()).isZero();
            assertThat(Thread.getAllStackTraces().keySet().stream().filter(t -> !before.contains(t) && !t.isDaemon()))
                    .isEmpty();
        }
    }

    @Test
    void cutsWhatIsUnderWayAndCallsItsOutcomeUnknown() throws Exception {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            String sid = fixture.add();
            fixture.twilio.failOn(sid, TwilioFault.noAnswer());
            FutureTask<DeletionResult> call = new FutureTask<>(() -> fixture.storage.delete(recording(sid)));
            new Thread(call).start();
            assertThat(fixture.twilio.awaitRequests(1, Duration.ofSeconds(5))).isTrue();

            fixture.storage.close();

            DeletionResult result = call.get(5, TimeUnit.SECONDS);
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isFalse();
            assertThat(result.detail()).contains("the storage is closed");
            assertThat(threads()).isEmpty();
        }
    }

    @Test
    void sendsNothingOnceClosed() {
        try (TwilioFixture fixture = TwilioFixture.withoutLooking()) {
            String sid = fixture.add();
            fixture.storage.close();

            DeletionResult result = fixture.storage.delete(recording(sid));

            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isTrue();
            assertThat(fixture.twilio.journal()).isEmpty();
        }
    }
}
