package dev.retention.internal.safety;

import dev.retention.SweepPlan;
import java.time.Instant;
import java.util.List;

/**
 * A refused sweep, as it is stored until a person confirms it.
 *
 * @param id what is confirmed, once
 * @param drawn when the sweep was first refused, by the database's time
 * @param why what it was refused for
 * @param due how many recordings were due then
 * @param ceiling how many a confirmation allows to be deleted
 * @param terms what would be swept, by which policies and which mapping
 * @param policies the policies, as a person reads them
 */
record Plan(
        String id, Instant drawn, String why, long due, long ceiling, Terms terms, List<SweepPlan.Policy> policies) {}
