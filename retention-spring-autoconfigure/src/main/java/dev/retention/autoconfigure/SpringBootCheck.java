package dev.retention.autoconfigure;

import org.jspecify.annotations.Nullable;

/**
 * Refuses a Spring Boot of an older line. Its auto-configurations have other names, so that the repository would look
 * for an EntityManagerFactory before there is one, and say that there is none.
 */
final class SpringBootCheck {

    private static final int OLDEST = 4;

    private SpringBootCheck() {}

    /** @param version such as 4.1.2; null if it is not known */
    static void require(@Nullable String version) {
        if (version != null && version.matches("[0-3]\\..*")) {
            throw new RetentionConfigurationException(Fault.of(
                    "This application has Spring Boot " + version + ", and retention-spring-autoconfigure needs Spring"
                            + " Boot " + OLDEST + ".0 or later",
                    "Upgrade Spring Boot, or leave this library out. retention.enabled=false starts the application"
                            + " without it"));
        }
    }
}
