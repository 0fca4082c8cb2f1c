/**
 * Keeps claims, holds and evidence beside the engine's own table, through Jakarta Persistence.
 *
 * <p>{@link dev.retention.jpa.JpaRecordingRepository} is the door. Inside: {@code EntityMapping} knows the engine's attributes, {@code EngineTable}
 * asks the engine's table in JPQL, {@code GateTable} and the classes named after the ports use the library's own tables in SQL,
 * {@code Database} runs transactions, and {@code Dialect} knows what databases do differently.
 */
@NullMarked
package dev.retention.jpa;

import org.jspecify.annotations.NullMarked;
