package dev.retention.jpa;

import jakarta.persistence.EntityManager;
import jakarta.persistence.Query;
import jakarta.persistence.TypedQuery;
import java.util.LinkedHashMap;
import java.util.Map;

/** A query's text and parameters, as they are put together. */
final class Jpql {

    private final StringBuilder text = new StringBuilder();
    private final Map<String, Object> parameters = new LinkedHashMap<>();

    Jpql add(String part) {
        text.append(part);
        return this;
    }

    /** Adds a parameter and returns its placeholder. */
    String mark(Object value) {
        String name = "p" + parameters.size();
        parameters.put(name, value);
        return ":" + name;
    }

    TypedQuery<Object[]> rows(EntityManager entityManager) {
        TypedQuery<Object[]> query = entityManager.createQuery(text.toString(), Object[].class);
        parameters.forEach(query::setParameter);
        return query;
    }

    int update(EntityManager entityManager) {
        Query query = entityManager.createQuery(text.toString());
        parameters.forEach(query::setParameter);
        return query.executeUpdate();
    }
}
