package dev.retention.autoconfigure;

import dev.retention.RetentionSweeper;
import dev.retention.SweepReport;
import java.util.function.IntConsumer;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.boot.ExitCodeGenerator;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Sweeps once when the application has started, then ends the process with a status that says how the sweep ended. */
@Order(Ordered.LOWEST_PRECEDENCE)
final class SweepOnce implements ApplicationRunner, ExitCodeGenerator {

    /** Every due recording was processed. */
    static final int DONE = 0;
    /** Due recordings remain or have failed. (A start that failed ends with 1.) */
    static final int SOME_LEFT = 2;
    /** A person has to act first. */
    static final int REFUSED = 3;

    private final RetentionSweeper sweeper;
    private final ApplicationContext context;
    private final IntConsumer exit;
    private int exitCode;

    /**
     * A single sweep.
     *
     * @param exit ends the process
     */
    SweepOnce(RetentionSweeper sweeper, ApplicationContext context, IntConsumer exit) {
        this.sweeper = sweeper;
        this.context = context;
        this.exit = exit;
    }

    @Override
    public void run(ApplicationArguments arguments) {
        exitCode = exitCode(sweeper.sweep());
        exit.accept(SpringApplication.exit(context));
    }

    @Override
    public int getExitCode() {
        return exitCode;
    }

    static int exitCode(SweepReport report) {
        return switch (report.end()) {
            case COMPLETED ->
                report.failed() + report.unproven() + report.quarantined() + report.withoutKey() + report.remaining()
                                == 0
                        ? DONE
                        : SOME_LEFT;
            case OUT_OF_TIME, CAPPED, PROVIDER_DOWN, STOPPED -> SOME_LEFT;
            case REFUSED,
                    PAUSED,
                    ACCOUNT_MISMATCH_SUSPECTED,
                    STORAGE_KEY_SUSPECTED,
                    CREDENTIALS_REFUSED,
                    CLOCKS_DISAGREE,
                    ALREADY_RUNNING -> REFUSED;
        };
    }
}
