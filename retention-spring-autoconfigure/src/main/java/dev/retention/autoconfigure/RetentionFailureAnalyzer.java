package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Shows a wrong setting as a message instead of a stack trace. */
final class RetentionFailureAnalyzer extends AbstractFailureAnalyzer<RetentionException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, RetentionException cause) {
        return new FailureAnalysis(
                String.valueOf(cause.getMessage()),
                "Correct the settings named above. Nothing was deleted. In a test that needs no retention, set"
                        + " retention.enabled=false.",
                cause);
    }
}
