/** The policies of a sweeper, and their stored form, which can be compared with later ones. */
@NullMarked
package dev.retention.internal.policy;

import org.jspecify.annotations.NullMarked;
