package dev.retention.spi;

import dev.retention.LedgerEntry;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The recordings of a period, with what the ledger and the evidence log say of each, as they all were at one moment.
 *
 * <p>Threads, transactions, precision of times and errors are as in {@link RecordingRepository}.
 */
public interface Population {

    /**
     * Reads each recording of a period once, in one read-only transaction that sees what was committed when it began,
     * and nothing later. They are, in this order:
     *
     * <ul>
     *   <li>the rows created in the period, live and soft-deleted ones, those that can't be read included;
     *   <li>the live rows without a creation time that can be: they may be of any period;
     *   <li>the recordings without such a row whose ledger entry says that they were created in the period, and is not
     *       in the state {@code ACTIVE}.
     * </ul>
     *
     * <p>Takes as long as reading all these rows. Their number does not matter for the memory.
     *
     * @param period which recordings
     * @param reader called within the transaction, so it must be quick, and must not use the repository
     */
    void read(Period period, Reader reader);

    /**
     * A period of creation times.
     *
     * @param from its begin, to the microsecond
     * @param to its end, which is not part of it
     * @param earliest no recording is older: an earlier creation time is none
     */
    record Period(Instant from, Instant to, Instant earliest) {

        /** A period. */
        public Period {
            if (!from.isBefore(to)) {
                throw new IllegalArgumentException("a period from " + from + " to " + to + " is empty");
            }
        }

        /** Whether a recording with this creation time is in the period. */
        public boolean contains(Instant created) {
            return !created.isBefore(from) && created.isBefore(to) && !created.isBefore(earliest);
        }
    }

    /** Gets the recordings of a period. */
    interface Reader {

        /**
         * Called before the first recording, and again if the transaction has to be repeated: then nothing counts that
         * was read before.
         */
        void begin(Moment moment);

        /** Called for each recording. */
        void member(Member member);
    }

    /**
     * The moment as of which a period is read.
     *
     * @param at when it was, by the database's time
     * @param sealed how many entries of the evidence log were sealed
     * @param rows how many rows of the engine's table were created in the period, as the database counts them
     */
    record Moment(Instant at, long sealed, long rows) {}

    /** What is known of a recording's row. */
    enum Row {
        /** It was created in the period, and contradicts no ledger entry. */
        PRESENT,
        /**
         * It was created in the period, and has another key, account or creation time than its ledger entry, which is
         * not in the state {@code ACTIVE}.
         */
        DIFFERENT,
        /** It has a value that can't be read. */
        UNREADABLE,
        /** It is live, and has no creation time that can be. */
        UNDATED,
        /** Its ledger entry says that the recording was created in the period, and the row says something else. */
        ELSEWHERE,
        /** Its ledger entry says that the recording was created in the period, and there is no row. */
        GONE
    }

    /**
     * A recording of the period.
     *
     * @param id its id
     * @param row what is known of its row
     * @param candidate the row; null if it is gone, can't be read, or has no creation time
     * @param entry its ledger entry; null if there is none
     * @param held whether a hold keeps it: the row's own flag, a hold on the recording, or one by attribute
     * @param recorded whether the evidence log has an entry, sealed or not, which says that a recording with this id
     *     was deleted. False unless the ledger says so
     */
    record Member(
            String id,
            Row row,
            @Nullable Candidate candidate,
            @Nullable LedgerEntry entry,
            boolean held,
            boolean recorded) {}
}
