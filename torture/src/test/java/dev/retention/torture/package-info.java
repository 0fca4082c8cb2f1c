@NullMarked
package dev.retention.torture;

import org.jspecify.annotations.NullMarked;
