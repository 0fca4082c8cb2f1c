package dev.retention.torture;

import dev.retention.LedgerEvent;
import dev.retention.spi.Controls;
import dev.retention.spi.Controls.Change;
import dev.retention.spi.Controls.Control;
import dev.retention.spi.DeletionGate.ClaimRequest;
import dev.retention.spi.DueCriteria;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Lets an instance work with policies and a mapping that nobody confirmed, as if nothing were ever compared. */
final class Unconfirmed {

    private static final Set<String> COMPARED = Set.of("policies", "mapping", Controls.FINGERPRINT);

    private final BooleanSupplier isOn;

    Unconfirmed(BooleanSupplier isOn) {
        this.isOn = isOn;
    }

    /** Shows no confirmed terms, and writes none. */
    Controls around(Controls real) {
        return Interception.of(Controls.class, real, (method, args, call) -> {
            if (!isOn.getAsBoolean()) {
                return call.proceed(args);
            }
            if (method.equals("all")) {
                Map<String, Control> shown = new TreeMap<>(real.all());
                shown.keySet().removeAll(COMPARED);
                return shown;
            }
            if (method.equals("change") && args[0] instanceof Collection<?> changes) {
                List<Change> left = changes.stream()
                        .map(Change.class::cast)
                        .filter(change -> !COMPARED.contains(change.name()))
                        .toList();
                return real.change(left, (LedgerEvent) args[1]);
            }
            return call.proceed(args);
        });
    }

    /** The arguments of a claim or a check, as if its criteria were the confirmed ones. */
    @Nullable
    Object[] confirmed(@Nullable Object[] args, Controls real) {
        if (isOn.getAsBoolean()) {
            Control fingerprint = real.all().get(Controls.FINGERPRINT);
            String confirmed = fingerprint == null ? null : fingerprint.setting();
            for (int i = 0; i < args.length; i++) {
                if (args[i] instanceof DueCriteria criteria) {
                    args[i] = criteria.under(confirmed);
                } else if (args[i] instanceof ClaimRequest r) {
                    args[i] = new ClaimRequest(
                            r.runId(),
                            r.owner(),
                            r.leaseUntil(),
                            r.criteria().under(confirmed),
                            r.reason(),
                            r.candidates());
                }
            }
        }
        return args;
    }
}
