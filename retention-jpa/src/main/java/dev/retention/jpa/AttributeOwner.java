package dev.retention.jpa;

import jakarta.persistence.metamodel.EmbeddableType;
import jakarta.persistence.metamodel.ManagedType;
import jakarta.persistence.metamodel.SingularAttribute;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An entity, an embedded object or an associated entity, with the types of its attributes. The metamodel has the bound
 * of a type variable where the attribute is declared by a generic superclass, such as Object for the id in {@code class
 * Call extends BaseEntity<Long>}. Here it is the type that the class gives to it.
 *
 * @param managed the owner in the metamodel
 * @param declared its class, with type arguments where it is an embedded object that has them
 */
record AttributeOwner(ManagedType<?> managed, Type declared) {

    static AttributeOwner of(ManagedType<?> managed) {
        return new AttributeOwner(managed, managed.getJavaType());
    }

    @Nullable
    SingularAttribute<?, ?> attribute(String name) {
        for (SingularAttribute<?, ?> attribute : managed.getSingularAttributes()) {
            if (attribute.getName().equals(name)) {
                return attribute;
            }
        }
        return null;
    }

    Class<?> typeOf(SingularAttribute<?, ?> attribute) {
        return declaredTypeOf(attribute) instanceof TypeVariable<?> variable
                        && resolved(variable) instanceof Class<?> type
                ? type
                : attribute.getJavaType();
    }

    /** The owner of the attributes behind an attribute. */
    AttributeOwner behind(SingularAttribute<?, ?> attribute, ManagedType<?> further) {
        Type type = resolved(declaredTypeOf(attribute));
        return further instanceof EmbeddableType && type instanceof ParameterizedType
                ? new AttributeOwner(further, type)
                : of(further);
    }

    private static @Nullable Type declaredTypeOf(SingularAttribute<?, ?> attribute) {
        Member member = attribute.getJavaMember();
        if (member instanceof Field field) {
            return field.getGenericType();
        }
        return member instanceof Method getter ? getter.getGenericReturnType() : null;
    }

    private @Nullable Type resolved(@Nullable Type type) {
        return type instanceof TypeVariable<?> variable ? arguments().get(variable) : type;
    }

    /** What the class and its superclasses give to the type variables of their superclasses. */
    private Map<TypeVariable<?>, Type> arguments() {
        Map<TypeVariable<?>, Type> arguments = new HashMap<>();
        Type current = declared;
        while (current != null) {
            Class<?> raw;
            if (current instanceof ParameterizedType parameterized) {
                raw = (Class<?>) parameterized.getRawType();
                for (int i = 0; i < raw.getTypeParameters().length; i++) {
                    Type argument = parameterized.getActualTypeArguments()[i];
                    arguments.put(raw.getTypeParameters()[i], arguments.getOrDefault(argument, argument));
                }
            } else {
                raw = (Class<?>) current;
            }
            current = raw.getGenericSuperclass();
        }
        return arguments;
    }
}
