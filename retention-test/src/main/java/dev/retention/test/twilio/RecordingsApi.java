package dev.retention.test.twilio;

import dev.retention.test.twilio.RequestJournal.Entry;

/** What Twilio answers when nothing fails. Its callers hold the server's lock. */
final class RecordingsApi {

    private final TwilioAccounts accounts;
    private final RecordingStore store;

    RecordingsApi(TwilioAccounts accounts, RecordingStore store) {
        this.accounts = accounts;
        this.store = store;
    }

    /**
     * The answer that a request deserves.
     *
     * @param effective whether a deletion takes effect
     */
    HttpAnswer answer(HttpHead head, Entry entry, boolean effective) {
        String account = entry.request().account();
        switch (accounts.access(head.credentials(), account)) {
            case UNKNOWN_CALLER, NOT_ITS_ACCOUNT -> {
                return HttpAnswer.error(401, 20003, "Authenticate");
            }
            case UNKNOWN_ACCOUNT -> {
                return notFound(head);
            }
            case GRANTED -> {
                String sid = entry.request().sid();
                if (account != null && sid == null) {
                    return list(head, account);
                }
                TwilioRecording recording = sid == null ? null : store.find(sid);
                return recording == null || !recording.account().equals(account)
                        ? notFound(head)
                        : one(head, entry, recording, effective);
            }
        }
        throw new IllegalStateException("no answer to " + head.target());
    }

    private HttpAnswer list(HttpHead head, String account) {
        return head.method().equals("GET") ? RecordingsPage.answer(head, account, store) : methodNotAllowed();
    }

    private HttpAnswer one(HttpHead head, Entry entry, TwilioRecording recording, boolean effective) {
        return switch (head.method()) {
            case "GET" ->
                store.isVisible(recording, wantsSoftDeleted(head))
                        ? HttpAnswer.json(200, store.json(recording))
                        : notFound(head);
            case "DELETE" -> {
                if (recording.deleted() != null) {
                    yield notFound(head);
                }
                if (!recording.status().equals("completed")) {
                    yield HttpAnswer.error(409, 20009, "Cannot delete this resource before it is complete");
                }
                if (effective) {
                    delete(entry, recording);
                }
                yield HttpAnswer.noContent();
            }
            default -> methodNotAllowed();
        };
    }

    /** Deletes the recording of a request, unless it was deleted meanwhile. */
    void apply(Entry entry) {
        String sid = entry.request().sid();
        TwilioRecording recording = sid == null ? null : store.find(sid);
        if (recording != null && recording.deleted() == null) {
            delete(entry, recording);
        }
    }

    private void delete(Entry entry, TwilioRecording recording) {
        store.delete(recording);
        entry.markApplied();
    }

    static boolean wantsSoftDeleted(HttpHead head) {
        return "true".equalsIgnoreCase(head.query().get("IncludeSoftDeleted"));
    }

    private static HttpAnswer methodNotAllowed() {
        return HttpAnswer.error(405, 20004, "Method not allowed");
    }

    private static HttpAnswer notFound(HttpHead head) {
        return HttpAnswer.error(404, 20404, "The requested resource " + head.path() + " was not found");
    }
}
