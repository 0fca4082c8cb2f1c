@NullMarked
package dev.retention;

import org.jspecify.annotations.NullMarked;
