/** The evidence log: its Merkle tree, its signed heads, and the proofs that are made from them. */
@NullMarked
package dev.retention.internal.evidence;

import org.jspecify.annotations.NullMarked;
