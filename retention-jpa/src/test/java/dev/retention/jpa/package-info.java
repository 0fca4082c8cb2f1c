@NullMarked
package dev.retention.jpa;

import org.jspecify.annotations.NullMarked;
