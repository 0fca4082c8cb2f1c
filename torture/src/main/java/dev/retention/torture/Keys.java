package dev.retention.torture;

/** API keys of instances: each has its own, so that the provider's journal says who asked. */
final class Keys {

    /** Part of every secret, to be looked for in everything that instances write. */
    static final String CANARY = "canary-Tw-4kR8vZ";

    /** How every caller's number begins, to be looked for in everything that instances write. */
    static final String PHONE = "+49305550199";

    private Keys() {}

    static String sid(int instance, int account) {
        return String.format("SK%028x%04x", instance, account);
    }

    static String secret(int instance, int account) {
        return CANARY + "-" + instance + "-" + account;
    }

    /** The instance whose key it is; -1 when it is none of ours. */
    static int instance(String sid) {
        return sid.length() == 34 && sid.startsWith("SK") ? Integer.parseInt(sid.substring(22, 30), 16) : -1;
    }
}
