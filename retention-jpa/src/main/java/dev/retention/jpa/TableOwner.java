package dev.retention.jpa;

import dev.retention.RetentionException;
import java.util.Optional;

/**
 * The entity to which the library's tables belong: the first one that used them. Gate rows are found by the id of the
 * recording alone. So a recording of a second entity would be treated as the recording of the first that has the same
 * id: it would be answered as deleted, or not be held.
 */
final class TableOwner {

    private static final int MOST_TRIES = 5;

    private final String entity;

    /** @param entity the entity's name in JPQL */
    TableOwner(String entity) {
        this.entity = entity;
    }

    /**
     * Makes this entity the owner of tables that have none.
     *
     * @throws RetentionException if they have another one
     */
    void require(JpaTransactions transactions, Tables tables) {
        String owner = owner(transactions, tables);
        if (!owner.equals(entity)) {
            throw RetentionException.configuration("the library's tables"
                    + Optional.ofNullable(tables.schema())
                            .map(schema -> " in the schema '" + schema + "'")
                            .orElse("")
                    + " belong to the entity '" + owner + "', and this repository reads '" + entity
                    + "'. They find a recording by its id alone, so that a recording of one entity would be treated as"
                    + " one of the other. Give each entity tables of its own, in a schema of its own: the setting"
                    + " 'schema'. If '" + owner + "' was only renamed, execute update " + tables.control()
                    + " set setting = '" + entity.replace("'", "''") + "' where name = '" + InternalControl.ENTITY.row()
                    + "', then start again");
        }
    }

    private String owner(JpaTransactions transactions, Tables tables) {
        for (int attempt = 1; ; attempt++) {
            Optional<String> owner = read(transactions, tables);
            if (owner.isPresent()) {
                return owner.get();
            }
            try {
                insert(transactions, tables);
            } catch (RuntimeException e) {
                // Another instance that starts at the same time may have inserted it.
                if (attempt == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    private static Optional<String> read(JpaTransactions transactions, Tables tables) {
        return new Sql(transactions::withConnection, tables.dialect())
                        .query(
                                "select setting from " + tables.control() + " where name = ?",
                                row -> row.text("setting"),
                                InternalControl.ENTITY.row())
                        .stream()
                        .findFirst();
    }

    private void insert(JpaTransactions transactions, Tables tables) {
        transactions.inNewTransaction(entityManager -> new Sql(entityManager::callWithConnection, tables.dialect())
                .update(new Columns()
                        .text("name", InternalControl.ENTITY.row())
                        .text("setting", entity)
                        .insertInto(tables.control(), "name", tables.dialect())));
    }
}
