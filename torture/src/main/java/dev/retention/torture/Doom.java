package dev.retention.torture;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
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

    /** Thrown by everything that an instance does after its death. Nothing in the library catches it. */
    static final class Dead extends Error {
        private static final long serialVersionUID = 1L;

        Dead() {
            super("dead", null, false, false);
        }
    }

    private static final long LATE_MILLIS = 200;

    private final @Nullable CrashPoint point;
    private final AtomicInteger hitsLeft;
    private final AtomicInteger answersLeft;
    private final int lostPerMille;
    /** The purpose within whose next transaction it is frozen. */
    private final AtomicReference<@Nullable String> toStall = new AtomicReference<>();

    private final boolean unlimited;
    private final boolean late;
    /** The purpose whose next commit gets no answer for certain. */
    private final AtomicReference<@Nullable String> toLose = new AtomicReference<>();

    private final Random random;
    private final Consumer<String> tell;
    private final Runnable death;
    private volatile boolean dead;

    /** What the thread's transactions are for. */
    private final ThreadLocal<@Nullable String> purpose = new ThreadLocal<>();

    /** @param death ends the instance; returns only where it is no process of its own */
    Doom(InstanceSettings settings, Consumer<String> tell, Runnable death) {
        this.point = settings.crashPoint();
        this.hitsLeft = new AtomicInteger(settings.number("hits", 1));
        this.answersLeft = new AtomicInteger(settings.number("answers", 0));
        this.lostPerMille = settings.number("lost", 0);
        if (settings.has("lose")) {
            toLose.set(settings.text("lose"));
        }
        if (settings.has("stall")) {
            toStall.set(settings.text("stall"));
        }
        this.late = settings.sabotage() == Sabotage.SEALED_BY_NUMBER;
        this.unlimited = settings.sabotage() == Sabotage.IDLE_UNLIMITED;
        this.random = new Random(settings.number("seed", 0));
        this.tell = tell;
        this.death = death;
    }

    /** Dies here, if this is where it was told to. */
    void at(CrashPoint here) {
        if (here == point && answersLeft.get() <= 0 && hitsLeft.decrementAndGet() == 0) {
            tell.accept("CRASH " + here);
            die();
            alive();
        }
    }

    /** From now on nothing that the instance does has an effect. */
    void die() {
        dead = true;
        death.run();
    }

    /** Throws if it is dead. */
    void alive() {
        if (dead) {
            throw new Dead();
        }
    }

    boolean isDead() {
        return dead;
    }

    /** Comes before and after each call, so that a dead instance neither does nor learns anything. */
    Interception living(Interception calls) {
        return (method, args, call) -> {
            alive();
            Object result = calls.on(method, args, call);
            alive();
            return result;
        };
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

    /** What the thread's transactions are for turns out while they are under way. */
    void within(String what) {
        purpose.set(what);
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
                case "seal" -> at(CrashPoint.C13_SEAL_NOT_COMMITTED);
                default -> {}
            }
            if (late && (what.equals("claim") || what.equals("record"))) {
                // On a slow network, others begin later and commit before.
                Thread.sleep(LATE_MILLIS);
            }
            Object result = isStalling(what) ? stalled(what, connection, call, args) : call.proceed(args);
            switch (what) {
                case "claim" -> at(CrashPoint.C2_CLAIM_COMMITTED_UNSEEN);
                case "record" -> at(CrashPoint.C8_OUTCOME_COMMITTED_UNSEEN);
                case "hold" -> at(CrashPoint.C11_HOLD_COMMITTED_UNSEEN);
                case "end" -> at(CrashPoint.C12_RUN_END_COMMITTED_UNSEEN);
                case "seal" -> at(CrashPoint.C13_SEAL_COMMITTED_UNSEEN);
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

    private boolean isStalling(String what) {
        String wanted = toStall.get();
        return what.equals(wanted) && toStall.compareAndSet(wanted, null);
    }

    /** Whoever is frozen in a transaction finds it ended by the server. */
    private @Nullable Object stalled(
            String what, Connection connection, Interception.Call call, @Nullable Object[] args) throws Throwable {
        if (unlimited) {
            withoutLimit(connection);
        }
        tell.accept("STALL " + System.nanoTime());
        long until = System.nanoTime() + Stall.MILLIS * 1_000_000;
        while (!dead && System.nanoTime() < until) {
            Thread.sleep(20);
        }
        alive();
        try {
            Object result = call.proceed(args);
            tell.accept("STALLED " + Stall.committed(what));
            return result;
        } catch (SQLException e) {
            tell.accept("STALLED " + Stall.undone(what));
            throw e;
        }
    }

    private static void withoutLimit(Connection connection) throws SQLException {
        String product = connection.getMetaData().getDatabaseProductName();
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    switch (product) {
                        case "MariaDB" -> "set idle_transaction_timeout = 0";
                        case "MySQL" -> "set wait_timeout = 28800";
                        default -> "set local idle_in_transaction_session_timeout = 0";
                    });
        }
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
