package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import java.util.List;

/** Settings that can't be; names all of them. */
final class RetentionConfigurationException extends RetentionException {

    private static final long serialVersionUID = 1L;

    RetentionConfigurationException(String fault) {
        super(fault);
    }

    RetentionConfigurationException(List<String> faults) {
        super(
                faults.size() == 1
                        ? faults.get(0)
                        : faults.size() + " settings can't be:\n  - " + String.join("\n  - ", faults));
    }
}
