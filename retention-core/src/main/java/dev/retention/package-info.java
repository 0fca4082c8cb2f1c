/**
 * What an application that embeds the library uses: policies, the sweeper and its report, legal holds and the ledger.
 *
 * <p>A policy decides when a recording is due, a storage deletes it, the repository keeps the claims and the evidence,
 * and the sweeper brings them together.
 */
@NullMarked
package dev.retention;

import org.jspecify.annotations.NullMarked;
