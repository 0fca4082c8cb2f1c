@NullMarked
package dev.retention.internal.support;

import org.jspecify.annotations.NullMarked;
