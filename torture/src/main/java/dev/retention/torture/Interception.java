package dev.retention.torture;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** Comes before a port, whatever methods it has. */
interface Interception {

    /** The rest of the call. */
    interface Call {
        @Nullable
        Object proceed(@Nullable Object... args) throws Throwable;
    }

    @Nullable
    Object on(String method, @Nullable Object[] args, Call call) throws Throwable;

    static <T> T of(Class<T> port, T target, Interception interception) {
        Object proxy = Proxy.newProxyInstance(port.getClassLoader(), new Class<?>[] {port}, (self, method, given) -> {
            @Nullable Object[] args = given == null ? new Object[0] : given;
            return interception.on(method.getName(), args, with -> {
                try {
                    return method.invoke(target, with);
                } catch (InvocationTargetException e) {
                    throw e.getCause() == null ? e : e.getCause();
                }
            });
        });
        return port.cast(proxy);
    }
}
