package dev.retention;

import java.time.Instant;

/**
 * A refused sweep that a person may confirm.
 *
 * @param id what is confirmed, once
 * @param drawn when the sweep was first refused, by the database's time
 * @param why what it was refused for
 * @param due how many recordings were due then
 * @param ceiling how many recordings a confirmation allows to be deleted where more are due than is usual: what was due, and a tenth more
 */
public record SweepPlan(String id, Instant drawn, String why, long due, long ceiling) {}
