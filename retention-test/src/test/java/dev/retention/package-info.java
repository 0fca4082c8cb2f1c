/** The sweeper's behaviour, through its public API, on the in-memory adapters. */
@NullMarked
package dev.retention;

import org.jspecify.annotations.NullMarked;
