package dev.retention;

import dev.retention.spi.DeletionGate;
import dev.retention.spi.RecordingRepository;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** Wraps a port, so that a test can disturb or observe its calls. */
final class InterceptedPort {

    private InterceptedPort() {}

    /** The call of the wrapped port, with the arguments that were given. */
    interface Call {
        Object run() throws Throwable;
    }

    /** Runs in place of each call of a method. */
    interface Interceptor {
        Object around(Method method, Object[] arguments, Call call) throws Throwable;
    }

    static <T> T of(Class<T> port, Object target, Interceptor interceptor) {
        return port.cast(Proxy.newProxyInstance(
                port.getClassLoader(),
                new Class<?>[] {port},
                (self, method, arguments) -> interceptor.around(method, arguments, () -> {
                    try {
                        return method.invoke(target, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                })));
    }

    /** The repository with another gate. */
    static RecordingRepository withGate(RecordingRepository repository, DeletionGate gate) {
        return of(
                RecordingRepository.class,
                repository,
                (method, arguments, call) -> method.getName().equals("gate") ? gate : call.run());
    }
}
