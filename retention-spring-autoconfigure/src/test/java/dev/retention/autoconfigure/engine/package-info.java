@NullMarked
package dev.retention.autoconfigure.engine;

import org.jspecify.annotations.NullMarked;
