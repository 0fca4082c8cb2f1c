package dev.retention.spi;

import dev.retention.DeletionOutcome;
import dev.retention.spi.DeletionResult.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What storages have answered about one recording, one statement for each storage, in the order in which they answered.
 * Immutable. A repository stores {@link #text()} and reads it with {@link #parse(String)}; nothing else may depend on
 * the form of the text.
 *
 * @param statements the statements by the storage's name; empty if no storage has settled its part
 */
public record Evidence(Map<String, Statement> statements) {

    /** The evidence while no storage has settled its part. */
    public static final Evidence NONE = new Evidence(Map.of());

    private static final Pattern LINE = Pattern.compile("([^:\\s]+): ([A-Z_]+)(?: (.*))?");

    public Evidence {
        statements = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(statements));
    }

    /**
     * One storage's answer.
     *
     * @param kind the kind of the answer
     * @param detail the evidence that it gave, for people
     */
    public record Statement(Kind kind, String detail) {

        /** Whether it proves that the media was deleted at this storage, now or before. */
        public boolean provesDeletion() {
            return kind == Kind.DELETED || kind == Kind.ALREADY_GONE;
        }
    }

    /**
     * Reads what {@link #text()} wrote. A line of another form, such as one of a later version, proves nothing: it is
     * left out, so its storage is asked again. Never throws.
     *
     * @param text the text; null for {@link #NONE}
     */
    public static Evidence parse(@Nullable String text) {
        if (text == null) {
            return NONE;
        }
        Map<String, Statement> statements = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            Matcher parts = LINE.matcher(line);
            Kind kind = parts.matches() ? kind(parts.group(2)) : null;
            if (kind != null) {
                String detail = parts.group(3);
                statements.put(parts.group(1), new Statement(kind, detail == null ? "" : detail));
            }
        });
        return new Evidence(statements);
    }

    private static @Nullable Kind kind(String name) {
        for (Kind kind : Kind.values()) {
            if (kind.name().equals(name)) {
                return kind;
            }
        }
        return null;
    }

    /** The same evidence with this storage's answer, which replaces an earlier one of that storage. */
    public Evidence with(String storage, DeletionResult result) {
        Map<String, Statement> more = new LinkedHashMap<>(statements);
        more.put(storage, new Statement(result.kind(), result.detail()));
        return new Evidence(more);
    }

    /** Only those statements that prove a deletion. */
    public Evidence proofs() {
        Map<String, Statement> proofs = new LinkedHashMap<>(statements);
        proofs.values().removeIf(statement -> !statement.provesDeletion());
        return new Evidence(proofs);
    }

    /** Whether there is no statement. */
    public boolean isEmpty() {
        return statements.isEmpty();
    }

    /** Whether there is a statement of this storage. */
    public boolean contains(String storage) {
        return statements.containsKey(storage);
    }

    /** Whether this storage has proven that the media was deleted there, now or before. */
    public boolean provesDeletion(String storage) {
        Statement statement = statements.get(storage);
        return statement != null && statement.provesDeletion();
    }

    /** Whether there is a statement of this kind, of any storage. */
    public boolean has(Kind kind) {
        for (Statement statement : statements.values()) {
            if (statement.kind() == kind) {
                return true;
            }
        }
        return false;
    }

    /**
     * The outcome of a recording for which every storage has settled its part: deleted if one of them deleted it now,
     * else already gone if one proves that, else nothing stored.
     */
    public DeletionOutcome outcome() {
        if (has(Kind.DELETED)) {
            return DeletionOutcome.DELETED;
        }
        return has(Kind.ALREADY_GONE) ? DeletionOutcome.ALREADY_GONE : DeletionOutcome.NOTHING_STORED;
    }

    /** The text to store: one line for each storage, such as {@code twilio: DELETED status=204 …}; null if empty. */
    public @Nullable String text() {
        return isEmpty()
                ? null
                : statements.entrySet().stream()
                        .map(entry -> entry.getKey() + ": " + entry.getValue().kind() + " "
                                + entry.getValue().detail())
                        .collect(Collectors.joining("\n"));
    }
}
