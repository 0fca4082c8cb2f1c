/** Retention of voice recordings: policies, the sweeper, and the ports that adapters implement. */
module dev.retention {
    requires org.slf4j;
    requires static transitive org.jspecify;

    exports dev.retention;
    exports dev.retention.spi;
}
