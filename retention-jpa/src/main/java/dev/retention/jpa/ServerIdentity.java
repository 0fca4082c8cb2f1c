package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.spi.DatabaseIdentity;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Which database it is, by its address and the server's own identifier. Found out once. */
final class ServerIdentity {

    private static final Logger log = LoggerFactory.getLogger(ServerIdentity.class);
    private static final int LONGEST = 1_000;

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

    /** Users, passwords and parameters are no part of it, and some are secrets. */
    static String withoutSecrets(String url) {
        return url.replaceFirst("[?;].*", "").replaceFirst("//[^/@]*@", "//");
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
                if (Database.isAway(e)) {
                    throw e;
                }
                log.debug("The server does not tell its identifier by '{}'", query, e);
            }
        }
        return Optional.empty();
    }
}
