/**
 * Instances of the library as processes of their own, everything that can happen to them, and a checker that counts
 * what was promised.
 */
@NullMarked
package dev.retention.torture;

import org.jspecify.annotations.NullMarked;
