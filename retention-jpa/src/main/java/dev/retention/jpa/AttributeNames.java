package dev.retention.jpa;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The attributes' names, as the user gave them. */
final class AttributeNames {
    @Nullable
    String id;

    String storageKey = "twilioRecordingSid";
    /** Whether it is stated that no two rows name one storage key. */
    boolean uniqueKeys;

    String created = "createdAt";
    String deleted = "deletedAt";
    String reason = "deletionReason";

    /** What is written as the reason, in place of the reason itself. */
    @Nullable
    String reasonText;

    @Nullable
    String account;

    @Nullable
    String retainUntil;

    @Nullable
    String hold;

    @Nullable
    String duration;

    final Map<String, String> extra = new LinkedHashMap<>();
}
