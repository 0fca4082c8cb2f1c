package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.RetentionException.Kind;
import dev.retention.spi.DatabaseIdentity;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which database it is, by its address and the server's own identifier. Found out once. */
final class ServerIdentity {

    private static final Logger log = LoggerFactory.getLogger(ServerIdentity.class);
    private static final int LONGEST = 1_000;
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
    private volatile @Nullable DatabaseIdentity known;

    ServerIdentity(Database database, @Nullable String schema) {
        this.database = database;
        this.schema = schema;
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
        String url = database.read(
                "read the database's address",
                session -> session.sql()
                        .withConnection(connection -> connection.getMetaData().getURL()));
        String text = withoutSecrets(url)
                + (schema == null ? "" : " schema " + schema)
                + server(dialect).map(server -> " server " + server).orElse("");
        return new DatabaseIdentity(StoredText.cut(text, LONGEST), dialect.isEmbedded(url));
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
