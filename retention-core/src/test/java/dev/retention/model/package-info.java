/** An exhaustive model of one recording's life. */
@NullMarked
package dev.retention.model;

import org.jspecify.annotations.NullMarked;
