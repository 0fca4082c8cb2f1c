package dev.retention.torture;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Draws rows from a seed. */
final class RowMaker {

    /** Ages that are not due keep away from the cutoff by more than the harness moves time. */
    private static final Duration MARGIN = Duration.ofHours(6);

    /** The oldest, so that each answer comes early: a sweep begins with them. The ids are those of their places. */
    private static final List<Nature> FIRST = List.of(
            Nature.DUE,
            Nature.NEVER_KNOWN,
            Nature.ABSENT,
            Nature.GONE_BEFORE,
            Nature.ELSEWHERE,
            Nature.REFUSED_ACCOUNT,
            Nature.HOSTILE_KEY,
            Nature.NEVER_KNOWN,
            Nature.PROCESSING,
            Nature.WITHOUT_KEY,
            Nature.UNDATED,
            Nature.TWIN,
            Nature.TWIN,
            // As many as a sweep tries to mark before it gives up are three.
            Nature.UNMARKABLE,
            Nature.UNMARKABLE,
            Nature.LATER_CHANNEL,
            Nature.LATER_CHANNEL);

    private static final List<String> HOSTILE = List.of(
            "../Calls/CA00000000000000000000000000000001",
            "RE00000000000000000000000000000001?x=1",
            "%2e%2e/Calls",
            "RE\r\nX-Injected: 1",
            "'; drop table retention_deletion; --",
            " RE00000000000000000000000000000001",
            "RE٠٠000000000000000000000000000001",
            "re00000000000000000000000000000001",
            "RE".repeat(900),
            "");

    /** So many of a thousand rows are of this nature. */
    private record Share(int rows, Nature nature) {}

    private static final List<Share> SHARES = List.of(
            new Share(40, Nature.DUE_WITHOUT_ACCOUNT),
            new Share(633, Nature.DUE),
            new Share(10, Nature.LATER_CHANNEL),
            new Share(100, Nature.YOUNG),
            new Share(30, Nature.KEPT_BY_POLICY),
            new Share(30, Nature.RETAINED),
            new Share(30, Nature.FLAGGED),
            new Share(15, Nature.SOFT_DELETED_BEFORE),
            new Share(15, Nature.ABSENT),
            new Share(10, Nature.PROCESSING),
            new Share(15, Nature.GONE_BEFORE),
            new Share(10, Nature.NEVER_KNOWN),
            new Share(20, Nature.ELSEWHERE),
            new Share(20, Nature.REFUSED_ACCOUNT),
            new Share(10, Nature.TWIN),
            new Share(3, Nature.WITHOUT_KEY),
            new Share(4, Nature.HOSTILE_KEY),
            new Share(2, Nature.UNDATED),
            new Share(2, Nature.FROM_THE_FUTURE),
            new Share(1, Nature.YEAR_ONE));

    private final Random random;
    private final List<String> accounts;
    private final Instant began;

    private long ids;
    /** Of keys that rows get later. */
    private long sids = 1L << 40;
    /** A row whose twins come next. */
    private @Nullable Row first;

    private int twinsToCome;
    /** How many recordings have twins. */
    private int twins;

    RowMaker(long seed, List<String> accounts, Instant began) {
        this.random = new Random(seed);
        this.accounts = accounts;
        this.began = began;
    }

    /** The next row of the table as it is before the first sweep. */
    Row next() {
        return row(ids < FIRST.size() ? FIRST.get((int) ids) : nature());
    }

    String furtherSid() {
        return sid(++sids);
    }

    /** Unique by its number, and found by nobody who does not know the seed. */
    private String sid(long number) {
        return String.format("RE%016x%016x", random.nextLong(), number);
    }

    /** One that the engine adds later. */
    Row nextDue() {
        return row(Nature.DUE);
    }

    /** One that a later version of the engine adds later. */
    Row nextOfLaterVersion() {
        return row(Nature.LATER_CHANNEL);
    }

    /** One that the engine adds later, of the account whose credentials are refused. */
    Row nextOfRefusedAccount() {
        return row(Nature.REFUSED_ACCOUNT);
    }

    /** A young one that the engine adds later, with the recording of another. */
    Row twinOf(Row other) {
        return Row.of(++ids, Nature.TWIN_LATER, other.sid(), other.account(), young(), null);
    }

    private Instant young() {
        return began.minus(Fixture.PERIOD).plus(MARGIN).plusSeconds(random.nextInt(80 * 86_400));
    }

    private Row row(Nature nature) {
        long id = ++ids;
        String sid = sid(id);
        String account = accounts.get(random.nextInt(3));
        Instant old = began.minus(Fixture.PERIOD)
                .minus(MARGIN)
                .minusSeconds(random.nextInt(400 * 86_400))
                .minusMillis(random.nextInt(1000));
        Instant young = young();
        Instant created = id <= FIRST.size() ? began.minus(Duration.ofDays(600)) : old;
        String tenant = tenant();
        return switch (nature) {
            case DUE, LATER_CHANNEL, UNMARKABLE, ABSENT, PROCESSING, GONE_BEFORE, NEVER_KNOWN, ELSEWHERE ->
                Row.of(id, nature, sid, account, created, tenant);
            case DUE_WITHOUT_ACCOUNT -> Row.of(id, nature, sid, null, created, tenant);
            case YOUNG -> Row.of(id, nature, sid, account, young, tenant);
            case KEPT_BY_POLICY -> Row.of(id, nature, sid, account, created, Fixture.LONG_TENANT);
            case RETAINED ->
                Row.of(id, nature, sid, account, created, tenant).retainedUntil(began.plus(Duration.ofDays(30)));
            case FLAGGED -> Row.of(id, nature, sid, account, created, tenant).flagged();
            case SOFT_DELETED_BEFORE ->
                Row.of(id, nature, sid, account, created, tenant).deletedAt(began.minus(Duration.ofDays(1)));
            case REFUSED_ACCOUNT -> Row.of(id, nature, sid, accounts.get(3), created, tenant);
            case TWIN -> twin(Row.of(id, nature, sid, account, created, null), young);
            case WITHOUT_KEY -> Row.of(id, nature, null, account, created, tenant);
            case HOSTILE_KEY -> {
                // The first is one that the storage has to refuse.
                String key = HOSTILE.get(id <= FIRST.size() ? 0 : random.nextInt(HOSTILE.size()));
                yield Row.of(id, nature, key, account, created, null);
            }
            case UNDATED -> Row.of(id, nature, sid, account, null, tenant);
            case FROM_THE_FUTURE -> Row.of(id, nature, sid, account, began.plus(Duration.ofDays(400)), tenant);
            case TWIN_KEPT, TWIN_LATER -> throw new IllegalArgumentException(nature + " has a row before it");
            case YEAR_ONE -> Row.of(id, nature, sid, account, Instant.parse("1001-01-01T00:00:00Z"), tenant);
        };
    }

    /** The second, and perhaps a third, has the recording of the first. Of most, the last must be kept. */
    private Row twin(Row row, Instant young) {
        Row other = first;
        if (other == null) {
            first = row;
            twinsToCome = random.nextInt(4) == 0 ? 2 : 1;
            return row;
        }
        if (--twinsToCome == 0) {
            first = null;
        }
        if (first != null) {
            return Row.of(row.id(), Nature.TWIN, other.sid(), other.account(), row.created(), null);
        }
        Row kept = Row.of(row.id(), Nature.TWIN_KEPT, other.sid(), other.account(), row.created(), null);
        return switch (twins++ % 6) {
            case 0 -> Row.of(row.id(), Nature.TWIN_KEPT, other.sid(), other.account(), young, tenant());
            case 1 -> kept.flagged();
            case 2 -> kept.retainedUntil(began.plus(Duration.ofDays(30)));
            // A row without an account is of the first one; under another account nobody would find its recording.
            case 3 -> Row.of(row.id(), Nature.TWIN_KEPT, other.sid(), withoutAccountIfFirst(other), young, null);
            default -> Row.of(row.id(), Nature.TWIN, other.sid(), other.account(), row.created(), null);
        };
    }

    private @Nullable String withoutAccountIfFirst(Row row) {
        return accounts.get(0).equals(row.account()) ? null : row.account();
    }

    private @Nullable String tenant() {
        if (random.nextInt(100) == 0) {
            return Fixture.SUED_TENANT;
        }
        return random.nextInt(5) == 0 ? null : "tenant-" + random.nextInt(3);
    }

    private Nature nature() {
        if (first != null) {
            return Nature.TWIN;
        }
        int drawn = random.nextInt(1000);
        for (Share share : SHARES) {
            drawn -= share.rows();
            if (drawn < 0) {
                return share.nature();
            }
        }
        throw new IllegalStateException("the shares do not add up");
    }
}
