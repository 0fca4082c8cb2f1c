@NullMarked
package dev.retention.test.twilio;

import org.jspecify.annotations.NullMarked;
