/**
 * A server on loopback that answers as Twilio's recordings API does, keeps state, and fails on demand. For tests of
 * what talks to Twilio; never a part of production.
 */
@NullMarked
package dev.retention.test.twilio;

import org.jspecify.annotations.NullMarked;
