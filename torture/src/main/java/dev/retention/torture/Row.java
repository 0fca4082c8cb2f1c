package dev.retention.torture;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A row of the engine's table as it was made. */
record Row(
        long id,
        Nature nature,
        @Nullable String sid,
        @Nullable String account,
        @Nullable Instant created,
        @Nullable Instant keepUntil,
        boolean frozen,
        @Nullable String tenant,
        @Nullable Instant deleted) {

    /** Why a row was soft-deleted that the library did not delete. */
    static final String BY_HAND = "by hand";

    static Row of(
            long id,
            Nature nature,
            @Nullable String sid,
            @Nullable String account,
            @Nullable Instant created,
            @Nullable String tenant) {
        return new Row(id, nature, sid, account, created, null, false, tenant, null);
    }

    Row retainedUntil(Instant until) {
        return new Row(id, nature, sid, account, created, until, frozen, tenant, deleted);
    }

    Row flagged() {
        return new Row(id, nature, sid, account, created, keepUntil, true, tenant, deleted);
    }

    Row deletedAt(Instant time) {
        return new Row(id, nature, sid, account, created, keepUntil, frozen, tenant, time);
    }

    String key() {
        return String.valueOf(id);
    }

    /** What the engine wrote beside it; nobody may change it. */
    String note() {
        return "note of " + id;
    }
}
