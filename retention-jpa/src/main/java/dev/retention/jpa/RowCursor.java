package dev.retention.jpa;

import dev.retention.jpa.Database.Session;

/** Where a page of rows ended that are read in the order of their creation times and ids. */
record RowCursor(EntityMapping mapping) {

    /** The creation time is first, since an id may contain any character. */
    String at(Session session, Object[] row) {
        Object created = row[EngineColumns.CREATED];
        return TimeType.text(created == null ? createdOf(session, row[EngineColumns.ID]) : created)
                + " "
                + row[EngineColumns.ID];
    }

    /** Of a row in which something else can't be read: a due row has a creation time that can. */
    private Object createdOf(Session session, Object id) {
        Jpql jpql = new Jpql();
        jpql.add("select " + mapping.created().jpql() + ", 0" + mapping.from() + " where "
                + mapping.id().jpql() + " = " + jpql.mark(id));
        return jpql.rows(session.entityManager()).getSingleResult()[0];
    }

    /** The condition that a row follows the one of the cursor. */
    String behind(String cursor, Jpql jpql) {
        int space = cursor.indexOf(' ');
        if (space < 0) {
            throw new IllegalArgumentException(
                    "the cursor was not returned by this repository; start without a cursor");
        }
        Object created = mapping.created().type().parse(cursor.substring(0, space));
        Object id = mapping.idType().parsed(cursor.substring(space + 1));
        String createdPath = mapping.created().jpql();
        // The first part is implied by the rest; it lets PostgreSQL begin at the cursor instead of at the oldest row.
        return "(" + createdPath + " >= " + jpql.mark(created) + " and (" + createdPath + " > " + jpql.mark(created)
                + " or (" + createdPath + " = " + jpql.mark(created)
                + " and " + mapping.id().jpql() + " > " + jpql.mark(id) + ")))";
    }
}
