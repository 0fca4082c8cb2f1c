package dev.retention.jpa;

import dev.retention.spi.Recording;
import java.util.Optional;
import java.util.UUID;

/** Ids between the engine's type and text. */
enum IdType {
    LONG(Long.class) {
        @Override
        Object parsed(String text) {
            return Long.valueOf(text);
        }
    },
    INTEGER(Integer.class) {
        @Override
        Object parsed(String text) {
            return Integer.valueOf(text);
        }
    },
    UUID_(UUID.class) {
        @Override
        Object parsed(String text) {
            return UUID.fromString(text);
        }
    },
    STRING(String.class) {
        @Override
        Object parsed(String text) {
            return text;
        }
    };

    private final Class<?> type;

    IdType(Class<?> type) {
        this.type = type;
    }

    abstract Object parsed(String text);

    static boolean isSupported(Class<?> type) {
        return find(type).isPresent();
    }

    static IdType of(Class<?> type) {
        return find(type).orElseThrow();
    }

    private static Optional<IdType> find(Class<?> type) {
        Class<?> boxed = type == long.class ? Long.class : type == int.class ? Integer.class : type;
        for (IdType known : values()) {
            if (known.type == boxed) {
                return Optional.of(known);
            }
        }
        return Optional.empty();
    }

    /** The id that is written exactly like this; empty for a text that can't be one, or that writes one differently. */
    Optional<Object> parse(String text) {
        if (!isUsable(text) || !StoredText.isStorable(text)) {
            return Optional.empty();
        }
        try {
            Object id = parsed(text);
            return String.valueOf(id).equals(text) ? Optional.of(id) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static boolean isUsable(String id) {
        return !id.isEmpty() && id.length() <= Recording.MAX_ID_LENGTH;
    }
}
