@NullMarked
package dev.retention.internal.account;

import org.jspecify.annotations.NullMarked;
