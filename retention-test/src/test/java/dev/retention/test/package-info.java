@NullMarked
package dev.retention.test;

import org.jspecify.annotations.NullMarked;
