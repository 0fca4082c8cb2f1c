package dev.retention.torture;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the engine has made of one row of its table, one version after the other. All instants are
 * {@code System.nanoTime()}.
 */
final class Life {

    /** Of a row that is in the table from the beginning. */
    private static final long ALWAYS = Long.MIN_VALUE;

    private static final long NOT_KNOWN = Long.MAX_VALUE;

    /**
     * The row from one change to the next.
     *
     * @param row null where there is none
     * @param fromNanos nobody has seen it before
     * @param sureNanos from then on everybody sees it; the largest number while that is not known
     */
    record Version(@Nullable Row row, long fromNanos, long sureNanos) {}

    private final List<Version> versions = new ArrayList<>();
    private Row latest;
    private boolean changed;

    private Life(Row row) {
        this.latest = row;
    }

    static Life fromTheBeginning(Row row) {
        Life life = new Life(row);
        life.versions.add(new Version(row, ALWAYS, ALWAYS));
        return life;
    }

    /** It is not written yet, and may be from now on. */
    static Life toBeWritten(Row row) {
        Life life = new Life(row);
        life.versions.add(new Version(null, ALWAYS, ALWAYS));
        life.begin(row);
        return life;
    }

    /** The engine is about to write this; null to delete the row. */
    synchronized void begin(@Nullable Row row) {
        versions.add(new Version(row, System.nanoTime(), NOT_KNOWN));
        latest = row == null ? latest : row;
    }

    /** What was begun is committed. */
    synchronized void done() {
        int last = versions.size() - 1;
        Version version = versions.get(last);
        versions.set(last, new Version(version.row(), version.fromNanos(), System.nanoTime()));
        changed |= last > 0 && versions.get(last - 1).row() != null;
    }

    /** What was begun has not happened. */
    synchronized void undone() {
        versions.remove(versions.size() - 1);
        Row before = versions.get(versions.size() - 1).row();
        latest = before == null ? latest : before;
    }

    /** As it is now, or was before it was deleted. */
    synchronized Row latest() {
        return latest;
    }

    synchronized boolean isGone() {
        Version last = versions.get(versions.size() - 1);
        return last.row() == null;
    }

    /** Whether the engine changed it after it had written it. */
    synchronized boolean isChanged() {
        return changed;
    }

    /** Whether it is still the recording that it was made as. */
    synchronized boolean isSameRecording() {
        return versions.stream().allMatch(version -> version.row() == null || latest.isSameRecording(version.row()));
    }

    /** Whether it names what it always named, perhaps at another account or of another time. */
    synchronized boolean isSameKey() {
        return versions.stream()
                .allMatch(version -> version.row() == null
                        || Objects.equals(latest.sid(), version.row().sid()));
    }

    /** What somebody may have seen who looked in this time. */
    synchronized List<Version> seen(long from, long to) {
        List<Version> seen = new ArrayList<>();
        for (int i = 0; i < versions.size(); i++) {
            boolean over = i + 1 < versions.size() && versions.get(i + 1).sureNanos() < from;
            if (!over && versions.get(i).fromNanos() <= to) {
                seen.add(versions.get(i));
            }
        }
        return seen;
    }

    /** All that it ever was, in order. */
    synchronized List<Version> versions() {
        return List.copyOf(versions);
    }
}
