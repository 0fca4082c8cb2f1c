@NullMarked
package dev.retention.autoconfigure;

import org.jspecify.annotations.NullMarked;
