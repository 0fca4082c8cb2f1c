@NullMarked
package dev.retention.internal.evidence;

import org.jspecify.annotations.NullMarked;
