/**
 * The ports that adapter authors implement: {@link dev.retention.spi.RecordingStorage} for a place where recordings are
 * stored, and {@link dev.retention.spi.RecordingRepository} for a database. The test kit, retention-test, has a
 * contract test for each.
 */
@NullMarked
package dev.retention.spi;

import org.jspecify.annotations.NullMarked;
