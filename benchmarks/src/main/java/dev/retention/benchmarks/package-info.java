/** Measures how fast a sweep is, and what it takes. Nothing here is published. */
@NullMarked
package dev.retention.benchmarks;

import org.jspecify.annotations.NullMarked;
