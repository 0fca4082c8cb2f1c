package com.example.plain;

import dev.retention.LegalHolds;
import dev.retention.RetentionOperations;
import java.util.List;

/** What operators and the data-protection officer decide. The answer to each call says what it did. */
final class WhatAPersonCanDo {

    private WhatAPersonCanDo() {}

    static void operator(RetentionOperations operations, List<String> ids) {
        operations.pause("ann@example.com", "audit"); // all instances, within two seconds
        operations.resume("ann@example.com");
        operations.quarantined(null, 100); // what needs a decision, why, and since when
        operations.retry(ids, "ann@example.com"); // or acceptUnproven; or all with the same cause
    }

    static void dataProtectionOfficer(RetentionOperations operations, LegalHolds holds, List<String> ids) {
        holds.place("case-17", ids, "dpo@example.com", "litigation", null); // {4711=HELD, 4712=LATE}
        holds.release("case-17", "dpo@example.com");
        operations.erase(ids, "dpo@example.com", "gdpr_article_17"); // now, whatever their age
    }
}
