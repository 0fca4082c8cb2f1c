package dev.retention.jpa;

import dev.retention.RetentionException;
import jakarta.persistence.EntityManagerFactory;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what is not Hibernate 7. Others lack methods of Jakarta Persistence 3.2, or write other statements for the
 * same query, which nobody has tested: with locks, with NULL, with times.
 */
final class ProviderCheck {

    private static final int OLDEST_HIBERNATE = 7;
    private static final String HIBERNATE = "org.hibernate.";
    private static final Pattern MAJOR = Pattern.compile("(\\d+)\\..*");

    private ProviderCheck() {}

    /** @throws RetentionException for another provider, or an older version of Hibernate */
    static void require(EntityManagerFactory factory) {
        // Of all that a provider returns, frameworks wrap this least.
        Class<?> ofProvider = factory.getMetamodel().getClass();
        String objection = objection(ofProvider.getName(), versionOf(ofProvider));
        if (objection != null) {
            throw RetentionException.configuration(objection);
        }
    }

    /**
     * What to say against a provider.
     *
     * @param className of one of its classes
     * @param version of Hibernate; null if it is not known
     * @return null if there is nothing against it
     */
    static @Nullable String objection(String className, @Nullable String version) {
        if (!className.startsWith(HIBERNATE)) {
            return "the Jakarta Persistence provider is " + nameOf(className)
                    + ", and retention-jpa works with Hibernate " + OLDEST_HIBERNATE
                    + " only; use Hibernate for the persistence unit of the recordings, or implement"
                    + " dev.retention.spi.RecordingRepository";
        }
        Matcher major = MAJOR.matcher(version == null ? "" : version);
        return major.matches() && Integer.parseInt(major.group(1)) < OLDEST_HIBERNATE
                ? "the Jakarta Persistence provider is Hibernate " + version + ", and retention-jpa needs Hibernate "
                        + OLDEST_HIBERNATE + " (Jakarta Persistence 3.2), which Spring Boot 4 has; upgrade it"
                : null;
    }

    private static String nameOf(String className) {
        return className.startsWith("org.eclipse.persistence.") ? "EclipseLink" : "not Hibernate but " + className;
    }

    private static @Nullable String versionOf(Class<?> ofProvider) {
        try {
            Object version = Class.forName(HIBERNATE + "Version", true, ofProvider.getClassLoader())
                    .getMethod("getVersionString")
                    .invoke(null);
            return version == null ? null : version.toString();
        } catch (ReflectiveOperationException | LinkageError e) {
            return null;
        }
    }
}
