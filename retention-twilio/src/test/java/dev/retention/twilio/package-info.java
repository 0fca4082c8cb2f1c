@NullMarked
package dev.retention.twilio;

import org.jspecify.annotations.NullMarked;
