package dev.retention.test.twilio;

import dev.retention.test.twilio.RequestJournal.Entry;
import java.util.Set;

/** What Twilio answers when nothing fails. Its callers hold the server's lock. */
final class RecordingsApi {

    static final String INCLUDE_SOFT_DELETED = "IncludeSoftDeleted";

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
        if (account == null) {
            return unknownPath(head);
        }
        try {
            return answer(head, entry, account, effective);
        } catch (QueryParameters.Invalid invalid) {
            return invalid.answer();
        }
    }

    private HttpAnswer answer(HttpHead head, Entry entry, String account, boolean effective)
            throws QueryParameters.Invalid {
        switch (accounts.access(head.credentials(), account)) {
            case UNKNOWN_CALLER, NOT_ITS_ACCOUNT -> {
                return HttpAnswer.error(401, 20003, "Authenticate");
            }
            case UNKNOWN_ACCOUNT -> {
                return notFound(head);
            }
            case GRANTED -> {
                String sid = entry.request().sid();
                if (sid == null) {
                    return list(head, account);
                }
                TwilioRecording recording = store.find(sid);
                return recording == null || !recording.account().equals(account)
                        ? notFound(head)
                        : one(head, entry, recording, effective);
            }
        }
        throw new IllegalStateException("no answer to " + head.target());
    }

    private HttpAnswer list(HttpHead head, String account) throws QueryParameters.Invalid {
        return head.method().equals("GET") ? RecordingsPage.answer(head, account, store) : methodNotAllowed();
    }

    private HttpAnswer one(HttpHead head, Entry entry, TwilioRecording recording, boolean effective)
            throws QueryParameters.Invalid {
        return switch (head.method()) {
            case "GET" -> {
                boolean softDeletedToo =
                        QueryParameters.of(head, Set.of(INCLUDE_SOFT_DELETED)).flag(INCLUDE_SOFT_DELETED);
                yield store.isVisible(recording, softDeletedToo)
                        ? HttpAnswer.json(200, store.json(recording))
                        : notFound(head);
            }
            case "DELETE" -> {
                QueryParameters.of(head, Set.of());
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

    private static HttpAnswer methodNotAllowed() {
        return HttpAnswer.error(405, 20004, "Method not allowed");
    }

    /** Not a 404: whoever deletes would read one as "not there". */
    private static HttpAnswer unknownPath(HttpHead head) {
        return HttpAnswer.error(
                501,
                20501,
                "LoopbackTwilio has no " + head.path()
                        + ". It has /2010-04-01/Accounts/{AccountSid}/Recordings.json and"
                        + " /2010-04-01/Accounts/{AccountSid}/Recordings/{Sid}.json");
    }

    private static HttpAnswer notFound(HttpHead head) {
        return HttpAnswer.error(404, 20404, "The requested resource " + head.path() + " was not found");
    }
}
