package dev.retention.spi;

/**
 * What an anchor answered.
 *
 * @param text where the head is kept, such as the name and version of an object; 500 characters at most are stored
 */
public record AnchorReceipt(String text) {}
