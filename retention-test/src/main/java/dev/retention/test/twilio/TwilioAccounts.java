package dev.retention.test.twilio;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The accounts and API keys, and who may reach what. Its callers hold the server's lock. */
final class TwilioAccounts {

    private static final Pattern ACCOUNT_SID = Pattern.compile("AC[0-9a-fA-F]{32}");
    private static final Pattern KEY_SID = Pattern.compile("SK[0-9a-fA-F]{32}");

    private final Map<String, Account> accounts = new HashMap<>();
    private final Map<String, ApiKey> keys = new HashMap<>();

    static final class Account {
        private final String token;
        private final @Nullable String parent;
        int concurrencyLimit = Integer.MAX_VALUE;
        int inFlight;

        private Account(String token, @Nullable String parent) {
            this.token = token;
            this.parent = parent;
        }

        boolean isOverItsLimit() {
            return inFlight > concurrencyLimit;
        }
    }

    private record ApiKey(String account, String secret) {}

    /** Who sent a request, as its credentials prove. */
    private record Caller(String account, boolean byKey) {}

    /** Whether the caller may reach an account. */
    enum Access {
        GRANTED,
        UNKNOWN_CALLER,
        UNKNOWN_ACCOUNT,
        NOT_ITS_ACCOUNT
    }

    static void requireAccountSid(String sid) {
        LoopbackTwilio.requireSid(ACCOUNT_SID, sid, "account SID");
    }

    void add(String sid, String token, @Nullable String parent) {
        requireAccountSid(sid);
        if (parent != null) {
            require(parent);
        }
        accounts.put(sid, new Account(token, parent));
    }

    void addKey(String account, String keySid, String secret) {
        LoopbackTwilio.requireSid(KEY_SID, keySid, "API key SID");
        require(account);
        keys.put(keySid, new ApiKey(account, secret));
    }

    Account require(String sid) {
        Account account = find(sid);
        if (account == null) {
            throw new IllegalArgumentException("no account " + sid + " was added");
        }
        return account;
    }

    @Nullable
    Account find(@Nullable String sid) {
        return sid == null ? null : accounts.get(sid);
    }

    Access access(HttpHead.@Nullable Credentials credentials, @Nullable String accountSid) {
        Caller caller = credentials == null ? null : authenticate(credentials);
        if (caller == null) {
            return Access.UNKNOWN_CALLER;
        }
        Account account = find(accountSid);
        if (account == null) {
            return Access.UNKNOWN_ACCOUNT;
        }
        boolean own = caller.account().equals(accountSid);
        boolean child = !caller.byKey() && caller.account().equals(account.parent);
        return own || child ? Access.GRANTED : Access.NOT_ITS_ACCOUNT;
    }

    private @Nullable Caller authenticate(HttpHead.Credentials credentials) {
        Account account = accounts.get(credentials.user());
        if (account != null && account.token.equals(credentials.password())) {
            return new Caller(credentials.user(), false);
        }
        ApiKey key = keys.get(credentials.user());
        return key != null && key.secret().equals(credentials.password()) ? new Caller(key.account(), true) : null;
    }
}
