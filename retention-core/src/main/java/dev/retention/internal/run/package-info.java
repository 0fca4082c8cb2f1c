/** A run from the admission to the report. */
@NullMarked
package dev.retention.internal.run;

import org.jspecify.annotations.NullMarked;
