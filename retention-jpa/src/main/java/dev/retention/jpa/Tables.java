package dev.retention.jpa;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The library's own tables, by the names under which they are found. */
record Tables(Dialect dialect, @Nullable String schema) {

    static final List<String> NAMES = List.of(
            "retention_deletion",
            "retention_hold",
            "retention_hold_recording",
            "retention_run",
            "retention_event",
            "retention_control",
            "retention_evidence",
            "retention_unsealed",
            "retention_evidence_text",
            "retention_leaf",
            "retention_node",
            "retention_seal",
            "retention_head",
            "retention_anchor",
            "retention_census");

    String deletion() {
        return qualified("retention_deletion");
    }

    String hold() {
        return qualified("retention_hold");
    }

    String holdRecording() {
        return qualified("retention_hold_recording");
    }

    String run() {
        return qualified("retention_run");
    }

    String event() {
        return qualified("retention_event");
    }

    String control() {
        return qualified("retention_control");
    }

    String evidence() {
        return qualified("retention_evidence");
    }

    String unsealed() {
        return qualified("retention_unsealed");
    }

    String evidenceText() {
        return qualified("retention_evidence_text");
    }

    String leaf() {
        return qualified("retention_leaf");
    }

    String node() {
        return qualified("retention_node");
    }

    String seal() {
        return qualified("retention_seal");
    }

    String head() {
        return qualified("retention_head");
    }

    String anchor() {
        return qualified("retention_anchor");
    }

    String census() {
        return qualified("retention_census");
    }

    private String qualified(String table) {
        return schema == null ? table : schema + "." + table;
    }
}
