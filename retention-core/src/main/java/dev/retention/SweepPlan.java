package dev.retention;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a refused sweep would do. A person may confirm it, once; then the next sweep may do it.
 *
 * @param id the id that a confirmation names
 * @param drawn when the sweep was first refused, by the database's time
 * @param why why it was refused, for people
 * @param due how many recordings were due at that time
 * @param ceiling how many deletions a confirmation allows if more recordings are due than is usual: the recordings that
 *     were due, and a tenth more
 * @param target what would be swept
 * @param policies by which policies, and how many recordings each of them governed at that time; the default policy is
 *     the last
 */
public record SweepPlan(
        String id, Instant drawn, String why, long due, long ceiling, Target target, List<Policy> policies) {

    public SweepPlan {
        policies = List.copyOf(policies);
    }

    /**
     * What would be swept.
     *
     * @param database what identifies the database: its address, and its name or the server's identifier
     * @param storages what is deleted from: each storage with its account, bucket or folder
     * @param environment the name of the environment; empty if it has none
     * @param changes what differs from what is confirmed now, for people: the database, the storages, the environment,
     *     the policies and the mapping; empty if nothing does, and before anything was confirmed
     */
    public record Target(String database, List<String> storages, String environment, List<String> changes) {

        public Target {
            storages = List.copyOf(storages);
            changes = List.copyOf(changes);
        }
    }

    /**
     * A policy of a plan.
     *
     * @param name the policy's name
     * @param period for how long it keeps recordings, as of the day of the refusal, such as {@code 90 d}; or
     *     {@code permanently}
     * @param match the attribute values that a recording must have for it; empty for the default policy
     * @param live how many live recordings it governed
     * @param due how many of them were due
     * @param oldestDue when the oldest due one was made; null if none was due
     */
    public record Policy(
            String name,
            String period,
            Map<String, String> match,
            long live,
            long due,
            @Nullable Instant oldestDue) {

        public Policy {
            match = Map.copyOf(match);
        }
    }
}
