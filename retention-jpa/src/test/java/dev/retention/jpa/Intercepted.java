package dev.retention.jpa;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/** Wraps a part of JDBC, so that a test can disturb or observe it. */
final class Intercepted {

    private Intercepted() {}

    /** What was called. */
    interface Call {
        @Nullable
        Object run() throws Throwable;
    }

    interface Interceptor {
        @Nullable
        Object around(String method, Call call) throws Throwable;
    }

    /** Also sees the method and its arguments; null where there are none. */
    interface ArgumentsInterceptor {
        @Nullable
        Object around(Method method, Object @Nullable [] arguments, Call call) throws Throwable;
    }

    static <T> T proxy(Class<T> type, T target, Interceptor interceptor) {
        return proxyWithArguments(
                type, target, (method, arguments, call) -> interceptor.around(method.getName(), call));
    }

    static <T> T proxyWithArguments(Class<T> type, T target, ArgumentsInterceptor interceptor) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> interceptor.around(method, arguments, () -> {
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }
}
