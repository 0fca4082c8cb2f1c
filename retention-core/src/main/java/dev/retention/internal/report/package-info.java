/** Counts runs and backlogs, and has the messages of reports. */
@NullMarked
package dev.retention.internal.report;

import org.jspecify.annotations.NullMarked;
