package dev.retention.autoconfigure;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.MemberCategory;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.util.ClassUtils;

/** What a native image has to contain beyond what its compiler finds by itself. */
final class RetentionRuntimeHints implements RuntimeHintsRegistrar {

    /** Of Twilio's library, which reads answers by reflection and has no hints of its own. */
    private static final List<String> TWILIO = List.of(
            "com.twilio.rest.api.v2010.account.Recording",
            "com.twilio.rest.api.v2010.account.Recording$Status",
            "com.twilio.rest.api.v2010.account.Recording$Source",
            "com.twilio.exception.RestException");

    /** Of Hibernate, which the adapter asks about tenants by reflection. */
    private static final List<String> HIBERNATE = List.of(
            "org.hibernate.Filter",
            "org.hibernate.Session",
            "org.hibernate.SessionFactory",
            "org.hibernate.SharedSessionContract",
            "org.hibernate.boot.spi.SessionFactoryOptions",
            "org.hibernate.context.spi.CurrentTenantIdentifierResolver",
            "org.hibernate.engine.spi.SessionFactoryImplementor",
            "org.hibernate.type.descriptor.java.JavaType");

    private static final String ENDPOINTS = "org.springframework.boot.actuate.endpoint.OperationResponseBody";

    private final BindingReflectionHintsRegistrar records = new BindingReflectionHintsRegistrar();

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.resources().registerPattern("dev/retention/jpa/*.sql");
        hints.resources().registerPattern("dev/retention/internal/evidence/*");
        register(hints, RetentionProperties.class, RetentionJpaProperties.class, RetentionTwilioProperties.class);
        if (ClassUtils.isPresent(ENDPOINTS, classLoader)) {
            Answers.register(this, hints);
        }
        for (String type : HIBERNATE) {
            hints.reflection().registerTypeIfPresent(classLoader, type, MemberCategory.INVOKE_PUBLIC_METHODS);
        }
        for (String type : TWILIO) {
            hints.reflection()
                    .registerTypeIfPresent(
                            classLoader,
                            type,
                            MemberCategory.INVOKE_DECLARED_CONSTRUCTORS,
                            MemberCategory.INVOKE_DECLARED_METHODS,
                            MemberCategory.INVOKE_PUBLIC_METHODS,
                            MemberCategory.ACCESS_DECLARED_FIELDS);
        }
    }

    /** Records and all that their components hold. */
    private void register(RuntimeHints hints, Class<?>... types) {
        records.registerReflectionHints(hints.reflection(), types);
    }

    /** What the endpoints answer. Of its own, since Actuator may be absent. */
    private static final class Answers {

        static void register(RetentionRuntimeHints registrar, RuntimeHints hints) {
            registrar.register(
                    hints,
                    EndpointState.class,
                    RetentionEndpoint.Refusal.class,
                    RetentionEvidenceEndpoint.State.class,
                    RetentionEvidenceEndpoint.Receipt.class,
                    RetentionHoldsEndpoint.Page.class,
                    RetentionHoldsEndpoint.Answer.class);
        }
    }
}
