package dev.retention.internal.evidence;

import dev.retention.internal.support.EncodedPairs;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which lost heads the instances of one database have noticed, and which of them a person has accepted. Both are stored
 * as controls, so that an instance whose own anchors know nothing of it is stopped too.
 */
public final class LostHeads {

    private static final String NOTICED = "heads-lost";
    private static final String ACCEPTED = "heads-accepted";

    /** More than anybody restores backups; the oldest are forgotten, and would have to be accepted again. */
    private static final int MOST = 100;

    private LostHeads() {}

    /** Those that were noticed and not accepted yet. */
    public static Set<LostHead> noticed(Map<String, Control> controls) {
        return stored(controls, NOTICED);
    }

    /** Those that a person has accepted: they are not objected to again. */
    public static Set<LostHead> accepted(Map<String, Control> controls) {
        return stored(controls, ACCEPTED);
    }

    /** Those of the found ones that are neither noticed nor accepted yet. */
    public static List<LostHead> unknown(Collection<LostHead> found, Map<String, Control> controls) {
        Set<LostHead> unknown = new LinkedHashSet<>(found);
        unknown.removeAll(noticed(controls));
        unknown.removeAll(accepted(controls));
        return List.copyOf(unknown);
    }

    /** The change that stores what was noticed. */
    public static Change notice(Collection<LostHead> heads, Map<String, Control> controls) {
        Set<LostHead> all = noticed(controls);
        all.addAll(heads);
        return change(controls, NOTICED, all);
    }

    /** The changes that store what was accepted; none for no heads. */
    public static List<Change> accept(Collection<LostHead> heads, Map<String, Control> controls) {
        if (heads.isEmpty()) {
            return List.of();
        }
        Set<LostHead> noticed = noticed(controls);
        noticed.removeAll(Set.copyOf(heads));
        Set<LostHead> accepted = accepted(controls);
        accepted.addAll(heads);
        return List.of(change(controls, NOTICED, noticed), change(controls, ACCEPTED, accepted));
    }

    private static Change change(Map<String, Control> controls, String name, Set<LostHead> heads) {
        Control before = controls.get(name);
        List<LostHead> newest = new ArrayList<>(heads);
        List<LostHead> kept = newest.subList(Math.max(0, newest.size() - MOST), newest.size());
        return new Change(name, before == null ? null : before.setting(), kept.isEmpty() ? null : text(kept));
    }

    private static Set<LostHead> stored(Map<String, Control> controls, String name) {
        Control control = controls.get(name);
        return control == null ? new LinkedHashSet<>() : new LinkedHashSet<>(read(control.setting()));
    }

    /** The form in which heads are stored: a line for each. */
    public static String text(Collection<LostHead> heads) {
        return heads.stream().map(LostHeads::line).collect(Collectors.joining("\n"));
    }

    private static String line(LostHead head) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("anchor", head.anchor());
        values.put("size", Long.toString(head.size()));
        values.put("root", head.root());
        values.put("why", head.why());
        return EncodedPairs.join(values, "&");
    }

    /** Reads what {@link #text} has written. Lines of another form are skipped: those heads are noticed again. */
    public static List<LostHead> read(String text) {
        return text.lines()
                .map(line -> EncodedPairs.split(line, "&"))
                .flatMap(values -> head(values).stream())
                .toList();
    }

    private static Optional<LostHead> head(@Nullable Map<String, String> values) {
        if (values == null || !values.keySet().containsAll(Set.of("anchor", "size", "root", "why"))) {
            return Optional.empty();
        }
        return Optional.of(new LostHead(
                values.getOrDefault("anchor", ""),
                Long.parseLong(values.getOrDefault("size", "0")),
                values.getOrDefault("root", ""),
                values.getOrDefault("why", "")));
    }
}
