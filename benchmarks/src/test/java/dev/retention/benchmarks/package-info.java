/** That the benchmarks still run. */
@NullMarked
package dev.retention.benchmarks;

import org.jspecify.annotations.NullMarked;
