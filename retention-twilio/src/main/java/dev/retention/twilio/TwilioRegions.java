package dev.retention.twilio;

import dev.retention.RetentionException;
import dev.retention.spi.DeletionPermit;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.Recording;
import dev.retention.spi.RecordingLookup;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Recordings in several of Twilio's regions. Each recording exists in one region only, and an attribute of its row says
 * in which. So only the storage of that region is asked for it: two storages side by side would each have to prove that
 * they hold nothing of it, which the wrong one can't.
 *
 * <pre>{@code
 * TwilioRegions.builder("region")
 *         .region("us1", TwilioRecordingStorage.builder(accountSid).apiKey(keyInUs, secret).build())
 *         .region("ie1", TwilioRecordingStorage.builder(accountSid).edge("dublin").region("ie1")
 *                 .apiKey(keyInIreland, otherSecret).build())
 *         .build();
 * }</pre>
 *
 * <p>A recording whose row names none of the regions is refused before anything is sent.
 *
 * <p>Instances are safe for use by many threads.
 */
public final class TwilioRegions implements RecordingLookup, AutoCloseable {

    private final String name;
    private final String attribute;
    private final @Nullable String otherwise;
    private final Map<String, TwilioRecordingStorage> regions;

    private TwilioRegions(Builder given) {
        this.name = given.name;
        this.attribute = given.attribute;
        this.otherwise = given.otherwise;
        this.regions = new TreeMap<>(given.regions);
    }

    /**
     * Starts a configuration.
     *
     * @param attribute the attribute whose value is the region, by the name that the mapping gives it: that of
     *     {@code retention.jpa.attributes.extra}
     */
    public static Builder builder(String attribute) {
        return new Builder(attribute);
    }

    /** {@code twilio}, or the name that it {@linkplain Builder#name was given}. */
    @Override
    public String name() {
        return name;
    }

    /** The attribute, and the target of each region. */
    @Override
    public String target() {
        String all = regions.entrySet().stream()
                .map(region -> region.getKey() + ": " + region.getValue().target())
                .collect(Collectors.joining("; "));
        return TwilioRecordingStorage.cut(
                "twilio regions by " + attribute + (otherwise == null ? "" : ", otherwise " + otherwise) + ": " + all);
    }

    @Override
    public DeletionResult delete(Recording recording) {
        return delete(recording, () -> true);
    }

    @Override
    public DeletionResult delete(Recording recording, DeletionPermit permit) {
        TwilioRecordingStorage storage = storageOf(recording);
        return storage == null ? unknown(recording) : storage.delete(recording, permit);
    }

    @Override
    public DeletionResult lookUp(Recording recording) {
        TwilioRecordingStorage storage = storageOf(recording);
        return storage == null ? unknown(recording) : storage.lookUp(recording);
    }

    @Override
    public boolean isInSeveralPlaces() {
        return regions.size() > 1;
    }

    /** Whether the region that the row names may hold it. One that names none is asked for, to be refused. */
    @Override
    public boolean mayHold(Recording recording) {
        TwilioRecordingStorage storage = storageOf(recording);
        return storage == null || storage.mayHold(recording);
    }

    @Override
    public void announce(List<Recording> recordings) {
        Map<TwilioRecordingStorage, List<Recording>> byStorage = new LinkedHashMap<>();
        for (Recording recording : recordings) {
            TwilioRecordingStorage storage = storageOf(recording);
            if (storage != null) {
                byStorage.computeIfAbsent(storage, each -> new ArrayList<>()).add(recording);
            }
        }
        byStorage.forEach(TwilioRecordingStorage::announce);
    }

    /**
     * Identifies the account in each region. The first objection counts; a region for which the credentials look-up has
     * no credentials of this account has none, as long as another region has credentials.
     */
    @Override
    public Identification identify(@Nullable String account) {
        Identification identified = null;
        Identification unreachable = null;
        for (TwilioRecordingStorage storage : regions.values()) {
            Identification each = storage.identify(account);
            DeletionResult objection = each.objection();
            if (objection != null && TwilioCauseCodes.NO_CREDENTIALS.equals(objection.code())) {
                unreachable = each;
            } else if (objection != null) {
                return each;
            } else if (identified == null || identified.time() == null) {
                identified = each;
            }
        }
        if (identified != null) {
            return identified;
        }
        return unreachable == null ? Identification.NOTHING_KNOWN : unreachable;
    }

    private @Nullable TwilioRecordingStorage storageOf(Recording recording) {
        String named = recording.attributes().get(attribute);
        String region = named == null ? otherwise : named;
        return region == null ? null : regions.get(region);
    }

    private DeletionResult unknown(Recording recording) {
        return DeletionResult.refusedUnsent("the attribute '" + attribute + "' "
                        + (recording.attributes().containsKey(attribute)
                                ? "names a region that is not configured"
                                : "is NULL or not mapped")
                        + "; configured are " + String.join(", ", regions.keySet())
                        + ". Correct the row or the mapping, or add the region")
                .withCode(TwilioCauseCodes.REGION_NOT_CONFIGURED);
    }

    /** Closes the storages of all regions. */
    @Override
    public void close() {
        regions.values().forEach(TwilioRecordingStorage::close);
    }

    @Override
    public String toString() {
        return "TwilioRegions" + regions;
    }

    /** Configures the regions. */
    public static final class Builder {

        private final String attribute;
        private final Map<String, TwilioRecordingStorage> regions = new LinkedHashMap<>();
        private String name = "twilio";
        private @Nullable String otherwise;

        private Builder(String attribute) {
            this.attribute = attribute;
        }

        /** The storage's name, if a sweeper has several. It must never change. {@code twilio} by default. */
        public Builder name(String storageName) {
            this.name = storageName;
            return this;
        }

        /**
         * Adds a region.
         *
         * @param value what the attribute has for recordings in this region
         * @param storage the storage that reaches it, which is closed with this one
         */
        public Builder region(String value, TwilioRecordingStorage storage) {
            regions.put(value, storage);
            return this;
        }

        /** The region of rows whose attribute is NULL, such as those from before there was a second region. */
        public Builder otherwise(String value) {
            this.otherwise = value;
            return this;
        }

        /** @throws RetentionException if there is no region, or {@link #otherwise} names none of them */
        public TwilioRegions build() {
            if (regions.isEmpty()) {
                throw RetentionException.configuration("Twilio: no region is given; give at least one");
            }
            if (otherwise != null && !regions.containsKey(otherwise)) {
                throw RetentionException.configuration("Twilio: rows without a region are to be in '" + otherwise
                        + "', which is not one of " + regions.keySet() + "; give one of them");
            }
            return new TwilioRegions(this);
        }
    }
}
