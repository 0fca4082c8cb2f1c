package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.env.Environment;

/**
 * Shows a wrong setting as a message instead of a stack trace: what is wrong and why, in which file and line it is set,
 * and what to do about this very setting.
 */
final class RetentionFailureAnalyzer extends AbstractFailureAnalyzer<RetentionException> {

    private final SettingOrigins origins;

    RetentionFailureAnalyzer(Environment environment) {
        this.origins = new SettingOrigins(environment);
    }

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, RetentionException cause) {
        if (cause instanceof RetentionConfigurationException settings) {
            return new FailureAnalysis(
                    listed(settings.faults(), this::described), listed(settings.faults(), Fault::action), cause);
        }
        return new FailureAnalysis(String.valueOf(cause.getMessage()), action(cause.kind()), cause);
    }

    private static String action(RetentionException.Kind kind) {
        return switch (kind) {
            case UNAVAILABLE -> "Check the database, then start the application again.";
            case REFUSED -> "Correct what the database refuses, then start the application again.";
            case MISUSE, CONFIGURATION -> "Correct what the message names, then start the application again.";
        };
    }

    private static String listed(List<Fault> faults, Function<Fault, String> text) {
        return faults.size() == 1
                ? text.apply(faults.get(0))
                : faults.stream().map(fault -> "- " + text.apply(fault)).collect(Collectors.joining("\n"));
    }

    private String described(Fault fault) {
        return fault.problem()
                + fault.properties().stream()
                        .flatMap(property -> origins.of(property).stream())
                        .map(origin -> "\n    " + origin)
                        .collect(Collectors.joining());
    }
}
