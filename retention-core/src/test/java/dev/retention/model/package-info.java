/** A model of one recording's life, checked in every state that it can reach. */
@NullMarked
package dev.retention.model;

import org.jspecify.annotations.NullMarked;
