package dev.retention.torture;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A row of the engine's table, as the engine wrote it. */
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
    /** How the note of a row begins that may not be marked. */
    static final String UNMARKABLE = "sealed ";

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

    Row ofTenant(@Nullable String other) {
        return new Row(id, nature, sid, account, created, keepUntil, frozen, other, deleted);
    }

    Row named(String otherSid) {
        return new Row(id, nature, otherSid, account, created, keepUntil, frozen, tenant, deleted);
    }

    Row at(String otherAccount) {
        return new Row(id, nature, sid, otherAccount, created, keepUntil, frozen, tenant, deleted);
    }

    Row madeAt(Instant time) {
        return new Row(id, nature, sid, account, time, keepUntil, frozen, tenant, deleted);
    }

    /** What a claim compares. */
    boolean isSameRecording(Row other) {
        return Objects.equals(sid, other.sid)
                && Objects.equals(account, other.account)
                && Objects.equals(created, other.created);
    }

    Row deletedAt(Instant time) {
        return new Row(id, nature, sid, account, created, keepUntil, frozen, tenant, time);
    }

    String key() {
        return String.valueOf(id);
    }

    /** What the engine wrote beside it; nobody may change it. */
    String note() {
        return (nature == Nature.UNMARKABLE ? UNMARKABLE : "note of ") + id;
    }

    /** One that only the later version of the engine knows, or any other. */
    String channel() {
        return nature == Nature.LATER_CHANNEL ? "CHAT" : id % 2 == 0 ? "SIP" : "PHONE";
    }

    /** Who called; nobody outside of the engine may learn it. */
    String caller() {
        return Keys.PHONE + id;
    }
}
