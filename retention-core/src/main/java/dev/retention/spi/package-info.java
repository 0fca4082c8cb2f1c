/**
 * The ports that adapter authors implement: {@link dev.retention.spi.RecordingStorage} for a place where recordings lie, and
 * {@link dev.retention.spi.RecordingRepository} for a database.
 */
@NullMarked
package dev.retention.spi;

import org.jspecify.annotations.NullMarked;
