/** The state of each account in one run. */
@NullMarked
package dev.retention.internal.account;

import org.jspecify.annotations.NullMarked;
