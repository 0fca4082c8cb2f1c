package dev.retention.twilio;

import org.jspecify.annotations.Nullable;

/**
 * What was asked, as far as it decides what the answer means.
 *
 * @param user the SID of the account or API key that the request authenticates as
 * @param recording the SID of a recording; null for a list
 */
record Question(
        Operation operation,
        String account,
        String user,
        @Nullable String recording) {

    /** The kinds of request. */
    enum Operation {
        DELETE("DELETE"),
        LOOK_UP("look-up"),
        LIST("list of recordings");

        private final String text;

        Operation(String text) {
            this.text = text;
        }

        @Override
        public String toString() {
            return text;
        }
    }
}
