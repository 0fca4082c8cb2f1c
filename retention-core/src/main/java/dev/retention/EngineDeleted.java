package dev.retention;

/**
 * What sweeps do with recordings whose rows the engine has soft-deleted itself, once they have reached their age. That
 * a row is marked proves nothing about its audio: only the ledger does.
 */
public enum EngineDeleted {
    /** They are counted and named in the report, and kept. A person may erase them. */
    REPORT,
    /** They are deleted like recordings with live rows. What the engine wrote to the rows remains. */
    DELETE
}
