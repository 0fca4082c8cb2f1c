@NullMarked
package dev.retention.internal.policy;

import org.jspecify.annotations.NullMarked;
