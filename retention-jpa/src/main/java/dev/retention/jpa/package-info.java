/**
 * Keeps claims, holds and evidence beside the engine's own table, through Jakarta Persistence.
 *
 * <p>{@link dev.retention.jpa.JpaRecordingRepository} is where to begin. Inside, each class has one reason:
 *
 * <ul>
 *   <li>the ports, one class each, named after them: which transactions there are ({@code Jpa…});
 *   <li>what happens within a transaction: {@code Claiming}, {@code Reclaiming}, {@code ClaimCheck},
 *       {@code ClaimRelease}, {@code Recordkeeping}, {@code Rehearsal}, {@code RowRepair};
 *   <li>the engine's table, in JPQL: {@code EngineTable} reads rows, {@code EngineColumns} makes them of columns,
 *       {@code EngineQueries} asks about all of them, {@code DueCondition} selects due recordings, {@code SoftDeletion}
 *       marks rows; {@code MappingCheck} and {@code AttributeFinder} make the {@code EntityMapping} that all of them
 *       use;
 *   <li>the library's own tables, in SQL: {@code GateTable}, {@code HoldTable}, {@code HoldScopes}, {@code Events};
 *   <li>the database: {@code Database} runs transactions, {@code Dialect} is what databases do differently.
 * </ul>
 */
@NullMarked
package dev.retention.jpa;

import org.jspecify.annotations.NullMarked;
