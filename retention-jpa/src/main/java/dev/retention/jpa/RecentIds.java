package dev.retention.jpa;

import java.util.LinkedHashMap;
import java.util.Map;

/** Remembers the ids that the log has named, so that it does not name them at every read. Thread-safe. */
final class RecentIds {

    private static final int MOST_REMEMBERED = 1_000;

    private final Map<String, Boolean> ids = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MOST_REMEMBERED;
        }
    };

    /** Returns whether the id is new. */
    synchronized boolean add(String id) {
        return ids.put(id, true) == null;
    }
}
