package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.RetentionException.Kind;
import dev.retention.spi.DatabaseIdentity;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which database it is, by its address, and by the name that it was given or else the server's own identifier. Found
 * out once.
 */
final class ServerIdentity {

    private static final Logger log = LoggerFactory.getLogger(ServerIdentity.class);
    private static final String LEFT_OUT = "(address left out: it may hold a secret)";

    /**
     * A scheme, an address, and what drivers take for parameters. Addresses of embedded databases have no slashes
     * before them.
     */
    private static final Pattern PARTS =
            Pattern.compile("(?<scheme>[A-Za-z0-9:+-]+//)(?<address>[^?;]*)(?<parameters>.*)", Pattern.DOTALL);

    /** A host with its port, or MariaDB's description of one. */
    private static final String HOST = "(([A-Za-z0-9._%~-]+|\\[[0-9A-Fa-f:.%]+])(:[0-9]*)?"
            + "|address=(\\((host|port|type)=[A-Za-z0-9._:-]*\\))+)";

    private static final Pattern HARMLESS = Pattern.compile("(HOST(,HOST)*)?(/[\\w.~%/$ -]*)?".replace("HOST", HOST));

    private static final Pattern PARAMETERS = Pattern.compile("|[?;]|([?;&][^=?;&]+=[^?;&]*)+[;&]?", Pattern.DOTALL);

    private final Database database;
    private final @Nullable String schema;
    private final @Nullable String given;
    private final @Nullable Tenancy tenancy;
    private final AtomicBoolean warned = new AtomicBoolean();
    private volatile @Nullable DatabaseIdentity known;

    /**
     * @param given identifies the database in place of the server's own identifier; null for none
     * @param tenancy whose part of the database it is; null without tenants
     */
    ServerIdentity(Database database, @Nullable String schema, @Nullable String given, @Nullable Tenancy tenancy) {
        this.database = database;
        this.schema = schema;
        this.given = given;
        this.tenancy = tenancy;
    }

    /** Says what may change by itself, before it does: at start if the database answers then. */
    void warnOfChanges(Dialect dialect) {
        if (isMoving(dialect) && warned.compareAndSet(false, true)) {
            log.warn("This server identifies itself by what changes with its machine. After a failover, or in a new"
                    + " pod, the database is treated as another one, and sweeps are refused until a person confirms"
                    + " that. If that can happen, set retention.identity, or JpaRecordingRepository.Builder.identity,"
                    + " to a name of your own for this database");
        }
    }

    DatabaseIdentity get() {
        DatabaseIdentity identity = known;
        if (identity == null) {
            identity = find();
            known = identity;
        }
        return identity;
    }

    private DatabaseIdentity find() {
        Dialect dialect = database.read(
                "read which database it is", session -> session.tables().dialect());
        warnOfChanges(dialect);
        String url = database.read(
                "read the database's address",
                session -> session.sql()
                        .withConnection(connection -> connection.getMetaData().getURL()));
        String text = withoutSecrets(url)
                + (schema == null ? "" : " schema " + schema)
                + (tenancy == null ? "" : " tenant " + tenancy.name())
                + (given == null
                        ? server(dialect).map(server -> " server " + server).orElse("")
                        : " identity " + given);
        return new DatabaseIdentity(StoredText.identity(text), dialect.isEmbedded(url), isMoving(dialect));
    }

    /**
     * Users, passwords and parameters are no part of it, and some are secrets. Parts that may be secret are left out:
     * the server's own identifier distinguishes databases, too.
     */
    static String withoutSecrets(String url) {
        Matcher parts = PARTS.matcher(url);
        if (!parts.matches()) {
            String address = url.replaceFirst("(?s)[?;].*", "");
            return address.contains("@") ? LEFT_OUT : address;
        }
        String address = parts.group("address");
        String known = address.substring(address.lastIndexOf('@') + 1);
        return HARMLESS.matcher(known).matches()
                        && PARAMETERS.matcher(parts.group("parameters")).matches()
                ? parts.group("scheme") + known
                : parts.group("scheme") + LEFT_OUT;
    }

    private boolean isMoving(Dialect dialect) {
        return given == null && dialect.serverIdentifierMoves();
    }

    private Optional<String> server(Dialect dialect) {
        for (String query : dialect.serverIdentifiers()) {
            try {
                return database
                        .read(
                                "read the server's identifier",
                                session -> session.sql().query(query, row -> row.text("server")))
                        .stream()
                        .findFirst();
            } catch (RetentionException e) {
                if (e.kind() == Kind.UNAVAILABLE) {
                    throw e;
                }
                log.debug("The server's identifier could not be read by '{}'", query, e);
            }
        }
        return Optional.empty();
    }
}
