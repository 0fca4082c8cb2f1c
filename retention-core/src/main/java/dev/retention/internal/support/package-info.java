/** Small helpers that have nothing to do with recordings. */
@NullMarked
package dev.retention.internal.support;

import org.jspecify.annotations.NullMarked;
