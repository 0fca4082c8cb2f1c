package dev.retention.jpa;

import dev.retention.RetentionException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server that its driver calls MySQL. The drivers of MySQL and of MariaDB each reach both servers, and differ in how
 * they send times and report errors; each server is supported with its own driver only.
 *
 * @param version as the server says it
 * @param driver the name of the driver
 */
record MySqlServer(String version, String driver) {

    private static final int OLDEST_MAJOR = 8;
    private static final int OLDEST_MINOR = 4;

    private static final Pattern NUMBERS = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\D.*", Pattern.DOTALL);

    static MySqlServer of(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select concat(version(), ' ', @@version_comment)")) {
            row.next();
            return new MySqlServer(
                    String.valueOf(row.getString(1)),
                    String.valueOf(connection.getMetaData().getDriverName()));
        }
    }

    /** Throws what to do if this server is not supported, or not with this driver. */
    void requireSupported() {
        boolean driverIsMariaDbs = isMariaDb(driver);
        if (isMariaDb(version)) {
            throw refused(
                    "MariaDB",
                    driverIsMariaDbs
                            ? "its driver is told to call it MySQL; remove 'useMysqlMetadata' from the URL"
                            : "it is reached through MySQL's driver, which is tested with MySQL only; use MariaDB's own"
                                    + " driver, org.mariadb.jdbc:mariadb-java-client, and a URL that begins with"
                                    + " jdbc:mariadb:");
        }
        if (driverIsMariaDbs) {
            throw refused(
                    "MySQL",
                    "it is reached through MariaDB's driver, which is tested with MariaDB only; use MySQL's own driver,"
                            + " com.mysql:mysql-connector-j, and a URL that begins with jdbc:mysql:");
        }
        if (!isNewEnough()) {
            throw refused(
                    "MySQL",
                    "older versions than " + OLDEST_MAJOR + "." + OLDEST_MINOR
                            + " are not supported; upgrade the server, or use PostgreSQL or MariaDB");
        }
    }

    private RetentionException refused(String server, String why) {
        return RetentionException.configuration(
                "the database can't be used: the server is " + server + " (" + version.strip() + "), and " + why);
    }

    private static boolean isMariaDb(String text) {
        return text.toLowerCase(Locale.ROOT).contains("mariadb");
    }

    private boolean isNewEnough() {
        Matcher numbers = NUMBERS.matcher(version);
        if (!numbers.matches()) {
            return false;
        }
        int major = Integer.parseInt(numbers.group(1));
        return major > OLDEST_MAJOR || major == OLDEST_MAJOR && Integer.parseInt(numbers.group(2)) >= OLDEST_MINOR;
    }
}
