@NullMarked
package dev.retention.internal.run;

import org.jspecify.annotations.NullMarked;
