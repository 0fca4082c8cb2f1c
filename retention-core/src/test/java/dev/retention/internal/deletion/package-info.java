@NullMarked
package dev.retention.internal.deletion;

import org.jspecify.annotations.NullMarked;
