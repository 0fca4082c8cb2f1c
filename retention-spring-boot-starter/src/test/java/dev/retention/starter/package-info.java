@NullMarked
package dev.retention.starter;

import org.jspecify.annotations.NullMarked;
