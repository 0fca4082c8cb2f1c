package dev.retention.jpa;

import dev.retention.RetentionException;
import dev.retention.jpa.Database.Session;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The entity to which the library's tables belong: the first one that used them; and its tenant, if the engine has
 * several. Gate rows are found by the id of the recording alone. So a recording of a second entity, or of a second
 * tenant, would be treated as the recording of the first that has the same id: it would be answered as deleted, or not
 * be held.
 */
final class TableOwner {

    private static final int MOST_TRIES = 5;

    /** Between both in one row, which is inserted at once. No entity's name in JPQL has a space. */
    private static final String OF_TENANT = " of tenant ";

    private final String entity;
    private final @Nullable Tenancy tenancy;
    private final String owner;

    /**
     * @param entity the entity's name in JPQL
     * @param tenancy the tenant; null without tenants
     */
    TableOwner(String entity, @Nullable Tenancy tenancy) {
        this.entity = entity;
        this.tenancy = tenancy;
        this.owner = tenancy == null ? entity : entity + OF_TENANT + tenancy.name();
    }

    /**
     * Makes this entity, and this tenant, the owner of tables that have none.
     *
     * @throws RetentionException if they have another one
     */
    void require(JpaTransactions transactions, Tables tables) {
        String found = found(transactions, tables);
        if (found.equals(owner)) {
            return;
        }
        boolean sameEntity = entityOf(found).equals(entity);
        String whose = "the library's tables"
                + Optional.ofNullable(tables.schema())
                        .map(schema -> " in the schema '" + schema + "'")
                        .orElse("");
        String statement = "execute update " + tables.control() + " set setting = '" + owner.replace("'", "''")
                + "' where name = '" + InternalControl.ENTITY.row() + "', then start again";
        throw RetentionException.configuration(
                whose + (sameEntity ? ofAnotherTenant(found, statement) : ofAnotherEntity(found, statement)));
    }

    private String ofAnotherEntity(String found, String statement) {
        return " belong to the entity '" + found + "', and this repository reads '" + owner
                + "'. They find a recording by its id alone, so that a recording of one entity would be treated as"
                + " one of the other. Give each entity tables of its own, in a schema of its own: the setting"
                + " 'schema'. If '" + entityOf(found) + "' was only renamed, " + statement;
    }

    private String ofAnotherTenant(String found, String statement) {
        String wanted = tenancy == null ? "without tenants" : "those of '" + tenancy.name() + "'";
        return (found.equals(entity)
                        ? " were used without tenants"
                        : " belong to the tenant '" + found.substring(entity.length() + OF_TENANT.length()) + "'")
                + ", and this repository reads " + wanted
                + ". They find a recording by its id alone, so that a recording of one tenant would be treated as one"
                + " of the other. "
                + (tenancy != null && tenancy.isByColumn()
                        ? "Give each tenant tables of its own, in a schema of its own: the setting 'schema', such as"
                                + " retention_" + tenancy.name()
                        : "Name the tenants, and let the MultiTenantConnectionProvider lead each of them to a schema or"
                                + " a database of its own")
                + ". If all recordings that they name are those that this repository reads, " + statement;
    }

    private static String entityOf(String owner) {
        int end = owner.indexOf(OF_TENANT);
        return end < 0 ? owner : owner.substring(0, end);
    }

    /**
     * Refuses a transaction that has reached another tenant: by the session's tenant, which the engine's rows follow
     * where a column tells tenants apart, and by the owner of the library's tables, which are where the rows are where
     * each tenant has a connection of its own.
     *
     * @throws RetentionException if it has
     */
    void require(Session session) {
        if (tenancy == null) {
            return;
        }
        tenancy.require(session.entityManager());
        String found = session
                .sql()
                .query(select(session.tables()), row -> row.text("setting"), InternalControl.ENTITY.row())
                .stream()
                .findFirst()
                .orElse("nobody");
        if (!found.equals(owner)) {
            throw RetentionException.configuration("tables of '" + owner + "' were asked for, and the connection leads"
                    + " to those of '" + found + "'. Nothing was changed. Correct the MultiTenantConnectionProvider, or"
                    + " the schema of this tenant");
        }
    }

    private String found(JpaTransactions transactions, Tables tables) {
        for (int attempt = 1; ; attempt++) {
            Optional<String> found = read(transactions, tables);
            if (found.isPresent()) {
                return found.get();
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
                .query(select(tables), row -> row.text("setting"), InternalControl.ENTITY.row()).stream()
                        .findFirst();
    }

    private static String select(Tables tables) {
        return "select setting from " + tables.control() + " where name = ?";
    }

    private void insert(JpaTransactions transactions, Tables tables) {
        transactions.inNewTransaction(entityManager -> {
            if (tenancy != null) {
                tenancy.require(entityManager);
            }
            return new Sql(entityManager::callWithConnection, tables.dialect())
                    .update(new Columns()
                            .text("name", InternalControl.ENTITY.row())
                            .text("setting", owner)
                            .insertInto(tables.control(), "name", tables.dialect()));
        });
    }
}
