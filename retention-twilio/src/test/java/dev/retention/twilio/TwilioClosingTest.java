package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.recording;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.test.twilio.TwilioFault;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Looks at all threads of the virtual machine, so nothing else may run; what ran before has been closed. */
@Isolated
class TwilioClosingTest {

    private static List<Thread> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("retention-twilio"))
                .toList();
    }

    /** None is left, or goes on for longer than a busy machine needs to end it. */
    private static void assertNoThreadIsLeft() throws InterruptedException {
        for (Thread thread : threads()) {
            thread.join(TwilioFixture.HUNG.toMillis());
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
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

            assertNoThreadIsLeft();
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
            PendingCall<DeletionResult> call = PendingCall.start(() -> fixture.storage.delete(recording(sid)));
            fixture.awaitRequests(1);

            fixture.storage.close();

            DeletionResult result = call.result();
            assertThat(result.kind()).isEqualTo(Kind.TRY_LATER);
            assertThat(result.surelyNotApplied()).isFalse();
            assertThat(result.detail()).contains("the storage is closed");
            assertNoThreadIsLeft();
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
