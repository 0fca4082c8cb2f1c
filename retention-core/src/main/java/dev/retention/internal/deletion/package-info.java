/** Processes claims at the storages, and records their outcomes. */
@NullMarked
package dev.retention.internal.deletion;

import org.jspecify.annotations.NullMarked;
