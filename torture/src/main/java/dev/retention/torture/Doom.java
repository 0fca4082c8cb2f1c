package dev.retention.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * When this instance dies, and which of its commits get no answer. Around the ports and the driver; nothing in the
 * library is for it.
 */
final class Doom {

    /** Like a kill -9: no shutdown hook runs. */
    private static final int KILLED = 137;

    private final @Nullable CrashPoint point;
    private final AtomicInteger hitsLeft;
    private final AtomicInteger answersLeft;
    private final int lostPerMille;
    /** The purpose whose next commit gets no answer for certain. */
    private final AtomicReference<@Nullable String> toLose = new AtomicReference<>();

    private final Random random;
    private final Consumer<String> tell;

    /** What the thread's transactions are for. */
    private final ThreadLocal<@Nullable String> purpose = new ThreadLocal<>();

    Doom(InstanceSettings settings, Consumer<String> tell) {
        this.point = settings.crashPoint();
        this.hitsLeft = new AtomicInteger(settings.number("hits", 1));
        this.answersLeft = new AtomicInteger(settings.number("answers", 0));
        this.lostPerMille = settings.number("lost", 0);
        if (settings.has("lose")) {
            toLose.set(settings.text("lose"));
        }
        this.random = new Random(settings.number("seed", 0));
        this.tell = tell;
    }

    /** Dies here, if this is where it was told to. */
    void at(CrashPoint here) {
        if (here == point && answersLeft.get() <= 0 && hitsLeft.decrementAndGet() == 0) {
            tell.accept("CRASH " + here);
            Runtime.getRuntime().halt(KILLED);
        }
    }

    /** A storage has answered: until some have, it does not die. */
    void answered() {
        answersLeft.decrementAndGet();
    }

    /** Runs a call whose transactions are for this purpose. */
    @Nullable
    Object during(String what, Interception.Call call, @Nullable Object... args) throws Throwable {
        purpose.set(what);
        try {
            return call.proceed(args);
        } finally {
            purpose.remove();
        }
    }

    DataSource around(DataSource dataSource) {
        return Interception.of(DataSource.class, dataSource, (method, args, call) -> {
            Object result = call.proceed(args);
            return method.equals("getConnection") && result instanceof Connection connection
                    ? around(connection)
                    : result;
        });
    }

    private Connection around(Connection connection) {
        return Interception.of(Connection.class, connection, (method, args, call) -> {
            String what = purpose.get();
            if (!method.equals("commit") || what == null) {
                return call.proceed(args);
            }
            switch (what) {
                case "claim" -> at(CrashPoint.C1_CLAIM_NOT_COMMITTED);
                case "record" -> at(CrashPoint.C7_OUTCOME_NOT_COMMITTED);
                case "hold" -> at(CrashPoint.C11_HOLD_NOT_COMMITTED);
                case "end" -> at(CrashPoint.C12_RUN_END_NOT_COMMITTED);
                default -> {}
            }
            Object result = call.proceed(args);
            switch (what) {
                case "claim" -> at(CrashPoint.C2_CLAIM_COMMITTED_UNSEEN);
                case "record" -> at(CrashPoint.C8_OUTCOME_COMMITTED_UNSEEN);
                case "hold" -> at(CrashPoint.C11_HOLD_COMMITTED_UNSEEN);
                case "end" -> at(CrashPoint.C12_RUN_END_COMMITTED_UNSEEN);
                default -> {}
            }
            if (loses(what)) {
                tell.accept("LOST " + what);
                connection.abort(Runnable::run);
                throw new SQLException("the answer to the commit was lost", "08006");
            }
            return result;
        });
    }

    private boolean loses(String what) {
        String wanted = toLose.get();
        if (what.equals(wanted) && toLose.compareAndSet(wanted, null)) {
            return true;
        }
        // Holds are many, and outcomes that prove something few.
        int perMille = what.equals("hold") ? lostPerMille / 5 : what.equals("record") ? lostPerMille * 2 : lostPerMille;
        synchronized (random) {
            return random.nextInt(1000) < perMille;
        }
    }
}
