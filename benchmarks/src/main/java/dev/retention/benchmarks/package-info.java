/** Measures the speed and the costs of a sweep. Nothing here is published. */
@NullMarked
package dev.retention.benchmarks;

import org.jspecify.annotations.NullMarked;
