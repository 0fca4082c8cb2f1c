package dev.retention;

import java.time.Instant;

/**
 * What a refused sweep would do. A person may confirm it, once; then the next sweep may do it.
 *
 * @param id the id that a confirmation names
 * @param drawn when the sweep was first refused, by the database's time
 * @param why why it was refused, for people
 * @param due how many recordings were due at that time
 * @param ceiling how many deletions a confirmation allows if more recordings are due than is usual: the recordings that
 *     were due, and a tenth more
 */
public record SweepPlan(String id, Instant drawn, String why, long due, long ceiling) {}
