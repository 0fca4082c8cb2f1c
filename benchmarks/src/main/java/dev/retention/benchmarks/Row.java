package dev.retention.benchmarks;

/** A line of the table. */
record Row(String what, String against, String measured, String must, String verdict) {

    static Row judged(String what, String against, String measured, String must, boolean reached) {
        return new Row(what, against, measured, must, reached ? "yes" : "**no**");
    }

    /** A row for comparison only. */
    static Row peer(String what, String against, String measured) {
        return new Row(what, against, measured, "", "peer");
    }

    static Row failed(String scenario, RuntimeException cause) {
        return new Row(scenario, "", String.valueOf(cause.getMessage()), "", "**failed**");
    }

    String markdown() {
        return "| " + String.join(" | ", what, against, measured, must, verdict) + " |";
    }
}
