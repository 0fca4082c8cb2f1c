package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import java.util.List;

/** Wrong settings. The message names all of them. */
final class RetentionConfigurationException extends RetentionException {

    private static final long serialVersionUID = 1L;

    RetentionConfigurationException(String fault) {
        super(Kind.CONFIGURATION, fault);
    }

    RetentionConfigurationException(List<String> faults) {
        super(
                Kind.CONFIGURATION,
                faults.size() == 1
                        ? faults.get(0)
                        : faults.size() + " settings are wrong:\n  - " + String.join("\n  - ", faults));
    }
}
