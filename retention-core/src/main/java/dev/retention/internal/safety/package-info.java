/** What refuses a run that looks like a mistake. */
@NullMarked
package dev.retention.internal.safety;

import org.jspecify.annotations.NullMarked;
