/** Listeners, spans and gauges. */
@NullMarked
package dev.retention.internal.telemetry;

import org.jspecify.annotations.NullMarked;
