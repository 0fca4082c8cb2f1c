package dev.retention.autoconfigure;

import dev.retention.RetentionException;
import java.util.List;
import java.util.stream.Collectors;

/** Wrong settings. The message names all of them. */
final class RetentionConfigurationException extends RetentionException {

    private static final long serialVersionUID = 1L;

    private final transient List<Fault> faults;

    RetentionConfigurationException(Fault fault) {
        this(List.of(fault));
    }

    RetentionConfigurationException(List<Fault> faults) {
        super(
                Kind.CONFIGURATION,
                faults.size() == 1
                        ? faults.get(0).text()
                        : faults.size() + " settings are wrong:\n  - "
                                + faults.stream().map(Fault::text).collect(Collectors.joining("\n  - ")));
        this.faults = List.copyOf(faults);
    }

    List<Fault> faults() {
        return faults;
    }
}
