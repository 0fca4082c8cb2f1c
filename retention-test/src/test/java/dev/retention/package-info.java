/** The sweeper's behaviour, through its public door, on the in-memory adapters. */
@NullMarked
package dev.retention;

import org.jspecify.annotations.NullMarked;
