/** Deletes recordings at Twilio: {@link dev.retention.twilio.TwilioRecordingStorage}. */
@NullMarked
package dev.retention.twilio;

import org.jspecify.annotations.NullMarked;
