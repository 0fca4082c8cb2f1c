package dev.retention.internal.run;

import dev.retention.spi.DueCriteria;
import dev.retention.spi.RecordingSource;
import dev.retention.spi.RecordingSource.Page;
import org.jspecify.annotations.Nullable;

/**
 * Pages of due rows: the live ones, and then those that the engine has soft-deleted itself, where the criteria want
 * them. The cursor says in which of the two it is.
 */
final class DuePages {

    private static final String SOFT_DELETED = "soft-deleted ";

    private DuePages() {}

    static Page next(RecordingSource recordings, DueCriteria criteria, @Nullable String cursor, int limit) {
        if (cursor == null || !cursor.startsWith(SOFT_DELETED)) {
            Page live = recordings.page(criteria, cursor, limit);
            return live.next() == null && criteria.softDeletedToo()
                    ? new Page(live.candidates(), SOFT_DELETED, live.unreadable())
                    : live;
        }
        String inner = cursor.substring(SOFT_DELETED.length());
        Page page = recordings.softDeleted(criteria, inner.isEmpty() ? null : inner, limit);
        String next = page.next();
        return next == null ? page : new Page(page.candidates(), SOFT_DELETED + next, page.unreadable());
    }
}
