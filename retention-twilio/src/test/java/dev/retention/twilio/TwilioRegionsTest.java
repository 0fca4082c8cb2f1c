package dev.retention.twilio;

import static dev.retention.twilio.TwilioFixture.ACCOUNT;
import static dev.retention.twilio.TwilioFixture.CREATED;
import static dev.retention.twilio.TwilioFixture.TOKEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.retention.FirstRun;
import dev.retention.RetentionException;
import dev.retention.RetentionSweeper;
import dev.retention.SweepEnd;
import dev.retention.SweepReport;
import dev.retention.spi.DeletionResult;
import dev.retention.spi.DeletionResult.Kind;
import dev.retention.spi.Recording;
import dev.retention.test.EngineRow;
import dev.retention.test.InMemoryRecordingRepository;
import dev.retention.test.MutableClock;
import dev.retention.test.twilio.LoopbackTwilio;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("Two regions of Twilio")
class TwilioRegionsTest {

    private static final String SUB = "AC" + "2".repeat(32);

    private final LoopbackTwilio us = LoopbackTwilio.start().addAccount(ACCOUNT, TOKEN);
    private final LoopbackTwilio ireland = LoopbackTwilio.start().addAccount(ACCOUNT, "token-in-ireland");

    @AfterEach
    void close() {
        us.close();
        ireland.close();
    }

    private static TwilioRecordingStorage at(LoopbackTwilio twilio, String token) {
        return TwilioRecordingStorage.builder(ACCOUNT)
                .authToken(token)
                .baseUrl(twilio.baseUrl())
                .externalMedia(ExternalMedia.NONE)
                .build();
    }

    private TwilioRegions.Builder both() {
        return TwilioRegions.builder("region")
                .region("us1", at(us, TOKEN))
                .region("ie1", at(ireland, "token-in-ireland"));
    }

    private static Recording recording(String sid, @Nullable String region) {
        return new Recording("row-1", sid, null, CREATED, region == null ? Map.of() : Map.of("region", region));
    }

    @Test
    void deleteEachRecordingInItsOwn() {
        String american = us.addRecording(ACCOUNT, CREATED);
        String irish = ireland.addRecording(ACCOUNT, CREATED);
        try (TwilioRegions regions = both().build()) {
            regions.announce(List.of(recording(american, "us1"), recording(irish, "ie1"), recording(irish, "au1")));
            assertThat(regions.delete(recording(irish, "ie1")).kind()).isEqualTo(Kind.DELETED);
            assertThat(us.journal()).isEmpty();
            assertThat(us.stored(ACCOUNT)).isEqualTo(1);
            assertThat(regions.lookUp(recording(american, "us1")).kind()).isEqualTo(Kind.STILL_THERE);
            assertThat(regions.lookUp(recording(irish, "ie1")).kind()).isEqualTo(Kind.ALREADY_GONE);
            assertThat(regions.delete(recording(american, "us1"), () -> false).surelyNotApplied())
                    .isTrue();
            assertThat(us.stored(ACCOUNT)).isEqualTo(1);
        }
    }

    /** A 404 of the wrong region would look like a recording that is gone. */
    @Test
    void askNobodyForARecordingThatIsInNeither() {
        String sid = us.addRecording(ACCOUNT, CREATED);
        try (TwilioRegions regions = both().build()) {
            for (@Nullable String region : new String[] {"au1", null, "US1", "null"}) {
                for (DeletionResult result :
                        List.of(regions.delete(recording(sid, region)), regions.lookUp(recording(sid, region)))) {
                    assertThat(result.kind()).isEqualTo(Kind.REFUSED_UNSENT);
                    assertThat(result.code()).isEqualTo(TwilioCauseCodes.REGION_NOT_CONFIGURED);
                    assertThat(result.detail()).contains("'region'", "ie1, us1").doesNotContain("au1");
                }
            }
        }
        assertThat(us.journal()).isEmpty();
        assertThat(ireland.journal()).isEmpty();
    }

    @Test
    void holdWhatTheRegionOfTheRowMayHold() {
        try (TwilioRegions regions = TwilioRegions.builder("region")
                .region("us1", at(us, TOKEN))
                .region(
                        "ie1",
                        TwilioRecordingStorage.builder(ACCOUNT)
                                .authToken("token-in-ireland")
                                .baseUrl(ireland.baseUrl())
                                .match(Map.of("kind", "voice"))
                                .build())
                .build()) {
            assertThat(regions.isInSeveralPlaces()).isTrue();
            assertThat(regions.mayHold(of("ie1", "video"))).isFalse();
            assertThat(regions.mayHold(of("ie1", "voice"))).isTrue();
            assertThat(regions.mayHold(of("us1", "video"))).isTrue();
            assertThat(regions.mayHold(of("au1", "video")))
                    .as("it is refused by its region")
                    .isTrue();
        }
    }

    private static Recording of(String region, String kind) {
        return new Recording("row-1", "RE1", null, CREATED, Map.of("region", region, "kind", kind));
    }

    @Test
    void haveOneForRowsFromBeforeThereWereTwo() {
        String sid = us.addRecording(ACCOUNT, CREATED);
        try (TwilioRegions regions = both().otherwise("us1").build()) {
            assertThat(regions.delete(recording(sid, "au1")).kind()).isEqualTo(Kind.REFUSED_UNSENT);
            assertThat(regions.delete(recording(sid, null)).kind()).isEqualTo(Kind.DELETED);
            assertThat(regions.target()).contains("otherwise us1");
        }
        assertThatThrownBy(() -> both().otherwise("us2").build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("'us2'");
        assertThatThrownBy(() -> TwilioRegions.builder("region").build()).isInstanceOf(RetentionException.class);
    }

    @Test
    void eachIdentifyTheAccount() {
        try (TwilioRegions regions = both().build()) {
            assertThat(regions.identify(null).objection()).isNull();
            assertThat(regions.identify(null).time()).isNotNull();
        }
        try (TwilioRegions regions =
                both().region("ie1", at(ireland, "token-of-us")).build()) {
            DeletionResult objection = regions.identify(null).objection();
            assertThat(objection).isNotNull();
            assertThat(objection.kind()).isEqualTo(Kind.STOP);
        }
    }

    @Test
    void mayHaveAnAccountInOneOfThemOnly() {
        us.addSubaccount(ACCOUNT, SUB, "sub-token");
        TwilioCredentials known = TwilioCredentials.authToken(SUB, "sub-token");
        TwilioRecordingStorage.Builder america = TwilioRecordingStorage.builder(ACCOUNT)
                .baseUrl(us.baseUrl())
                .authToken(TOKEN)
                .credentials(account -> Optional.of(known));
        TwilioRecordingStorage.Builder elsewhere = TwilioRecordingStorage.builder(ACCOUNT)
                .baseUrl(ireland.baseUrl())
                .authToken("token-in-ireland")
                .credentials(account -> Optional.empty());
        try (TwilioRegions regions = TwilioRegions.builder("region")
                .region("us1", america.build())
                .region("ie1", elsewhere.build())
                .build()) {
            assertThat(regions.identify(SUB).objection()).isNull();
        }
        try (TwilioRegions regions =
                TwilioRegions.builder("region").region("ie1", elsewhere.build()).build()) {
            assertThat(regions.identify(SUB).objection()).isNotNull();
        }
    }

    @Test
    void haveTheirOwnCredentialsOfAnAccount() {
        List<String> asked = new ArrayList<>();
        TwilioCredentialsLookup lookup = new TwilioCredentialsLookup() {
            @Override
            public Optional<TwilioCredentials> find(String accountSid) {
                throw new IllegalStateException("without a region");
            }

            @Override
            public Optional<TwilioCredentials> find(String accountSid, @Nullable String region) {
                asked.add(accountSid + " " + region);
                return Optional.empty();
            }
        };
        try (TwilioRecordingStorage inIreland = TwilioRecordingStorage.builder(ACCOUNT)
                        .edge("dublin")
                        .region("ie1")
                        .credentials(lookup)
                        .build();
                TwilioRecordingStorage inAmerica = TwilioRecordingStorage.builder(ACCOUNT)
                        .credentials(lookup)
                        .build()) {
            DeletionResult result = inIreland.lookUp(recording("RE" + "1".repeat(32), null));
            assertThat(result.kind()).isEqualTo(Kind.STOP);
            assertThat(result.detail()).contains(ACCOUNT + " in region ie1");
            inAmerica.lookUp(recording("RE" + "1".repeat(32), null));
        }
        assertThat(asked).containsExactly(ACCOUNT + " ie1", ACCOUNT + " null");
    }

    @Test
    void areOneStorageOfASweeper() {
        MutableClock clock = new MutableClock(Instant.now());
        InMemoryRecordingRepository repository = new InMemoryRecordingRepository(clock);
        Instant old = clock.instant().minus(Duration.ofDays(91));
        Instant young = clock.instant().minus(Duration.ofDays(89));
        repository.put(
                row("1", us.addRecording(ACCOUNT, old), old, "us1"),
                row("2", ireland.addRecording(ACCOUNT, old), old, "ie1"),
                row("3", us.addRecording(ACCOUNT, young), young, "us1"),
                row("4", ireland.addRecording(ACCOUNT, young), young, "ie1"),
                row("5", ireland.addRecording(ACCOUNT, old), old, "au1"));
        try (TwilioRegions regions = both().build()) {
            SweepReport report = RetentionSweeper.builder(repository, regions)
                    .clock(clock)
                    .firstRun(FirstRun.TRUST)
                    .maxShare(1)
                    .build()
                    .sweep();
            assertThat(report.end()).isEqualTo(SweepEnd.COMPLETED);
            assertThat(report.deleted()).isEqualTo(2);
            assertThat(report.quarantined()).isEqualTo(1);
        }
        assertThat(us.stored(ACCOUNT)).isEqualTo(1);
        assertThat(ireland.stored(ACCOUNT)).isEqualTo(2);
    }

    private static EngineRow row(String id, String sid, Instant created, String region) {
        return EngineRow.builder(id)
                .storageKey(sid)
                .created(created)
                .attribute("region", region)
                .build();
    }

    @Test
    void haveNamesIfASweeperHasSeveralStorages() {
        try (TwilioRecordingStorage named = TwilioRecordingStorage.builder(ACCOUNT)
                .name("twilio-copies")
                .authToken(TOKEN)
                .build()) {
            assertThat(named.name()).isEqualTo("twilio-copies");
        }
        try (TwilioRegions regions = both().name("twilio-regions").build()) {
            assertThat(regions.name()).isEqualTo("twilio-regions");
            assertThat(regions.target()).contains("by region", ACCOUNT).hasSizeLessThanOrEqualTo(200);
        }
        assertThatThrownBy(() -> TwilioRecordingStorage.builder(ACCOUNT)
                        .name("Twilio 2")
                        .authToken(TOKEN)
                        .build())
                .isInstanceOf(RetentionException.class)
                .hasMessageContaining("'Twilio 2'");
    }
}
