/**
 * What an application that embeds the library sees: policies, the sweeper and its report, legal holds and the ledger.
 *
 * <p>Policy decides when, repository remembers, storage deletes; the sweeper drives.
 */
@NullMarked
package dev.retention;

import org.jspecify.annotations.NullMarked;
