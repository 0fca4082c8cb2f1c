/** The database's time, and the comparison of clocks. */
@NullMarked
package dev.retention.internal.time;

import org.jspecify.annotations.NullMarked;
