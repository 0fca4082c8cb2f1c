@NullMarked
package dev.retention.spi;

import org.jspecify.annotations.NullMarked;
