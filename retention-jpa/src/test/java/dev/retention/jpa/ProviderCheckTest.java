package dev.retention.jpa;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The module {@code refusals} shows the same with the real ones. */
@DisplayName("A provider of Jakarta Persistence")
class ProviderCheckTest {

    private static final String HIBERNATE = "org.hibernate.metamodel.model.domain.internal.JpaMetamodelImpl";

    @ParameterizedTest
    @ValueSource(strings = {"7.0.0.Final", "7.4.2-SNAPSHOT", "8.0.0.Beta1", "10.1", "[WORKING]", ""})
    void isAcceptedIfItIsHibernateAndNotOlderThanSeven(String version) {
        assertThat(ProviderCheck.objection(HIBERNATE, version)).isNull();
        assertThat(ProviderCheck.objection(HIBERNATE, null)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"6.6.15.Final", "5.6.15.Final"})
    void isRefusedIfItIsAnOlderHibernate(String version) {
        assertThat(ProviderCheck.objection(HIBERNATE, version))
                .startsWith("the Jakarta Persistence provider is Hibernate " + version + ", and")
                .contains("needs Hibernate 7");
    }

    @Test
    void isRefusedIfItIsAnother() {
        assertThat(ProviderCheck.objection("org.eclipse.persistence.internal.jpa.metamodel.MetamodelImpl", null))
                .startsWith("the Jakarta Persistence provider is EclipseLink, and");
        assertThat(ProviderCheck.objection("com.example.Metamodel", null))
                .startsWith("the Jakarta Persistence provider is not Hibernate but com.example.Metamodel, and");
    }
}
