/** The validated settings of a sweeper. */
@NullMarked
package dev.retention.internal.settings;

import org.jspecify.annotations.NullMarked;
