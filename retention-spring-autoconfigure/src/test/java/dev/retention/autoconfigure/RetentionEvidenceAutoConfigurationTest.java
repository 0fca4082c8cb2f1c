package dev.retention.autoconfigure;

import static dev.retention.autoconfigure.Contexts.NOON;
import static dev.retention.autoconfigure.Contexts.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.EvidenceStatus;
import dev.retention.RetentionEvidence;
import dev.retention.RetentionSweeper;
import dev.retention.spi.AnchorReceipt;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.RecordingRepository;
import dev.retention.test.EngineRow;
import dev.retention.test.FakeRecordingStorage;
import dev.retention.test.InMemoryRecordingRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@DisplayName("The evidence log with Spring")
class RetentionEvidenceAutoConfigurationTest {

    private static final String KEY_PROPERTY = "retention.evidence.signing-key=";

    @TempDir
    private Path folder;

    private final ApplicationContextRunner runner = Contexts.complete();

    private Path key(String algorithm, String permissions) throws IOException, GeneralSecurityException {
        byte[] encoded = KeyPairGenerator.getInstance(algorithm)
                .generateKeyPair()
                .getPrivate()
                .getEncoded();
        return file(
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded)
                        + "\n-----END PRIVATE KEY-----\n",
                permissions);
    }

    private Path file(String content, String permissions) throws IOException {
        Path file = Files.writeString(folder.resolve("evidence.pem"), content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
        return file;
    }

    private static List<String> anchors(ApplicationContext context) {
        return context.getBean(RetentionEvidence.class).status().anchors().stream()
                .map(EvidenceStatus.Anchor::name)
                .toList();
    }

    private static void sweep(ApplicationContext context) {
        context.getBean(FakeRecordingStorage.class).put("RE1");
        context.getBean(InMemoryRecordingRepository.class)
                .put(EngineRow.of("1", "RE1", NOON.minus(Duration.ofDays(1))));
        context.getBean(RetentionSweeper.class).sweep();
    }

    @Test
    void aSweepSealsSignsAndAnchorsWhatItHasWritten() throws IOException, GeneralSecurityException {
        Path heads = folder.resolve("heads");
        runner.withPropertyValues(
                        "retention.evidence.origin=example.com/calls",
                        KEY_PROPERTY + key("Ed25519", "rw-r-----"),
                        "retention.evidence.anchor.file= " + heads + " ")
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    sweep(context);
                    RetentionEvidence evidence = context.getBean(RetentionEvidence.class);
                    assertThat(evidence.verifierKey()).get().asString().startsWith("example.com/calls+");
                    assertThat(evidence.checkpoint())
                            .get()
                            .asString()
                            .startsWith("example.com/calls\n")
                            .contains("\u2014 example.com/calls ");
                    assertThat(heads).content().isEqualTo(evidence.checkpoint().orElseThrow());
                    assertThat(evidence.status().unsealed()).isZero();
                    assertThat(evidence.status().anchors())
                            .hasSize(2)
                            .allMatch(
                                    anchor -> anchor.size() == evidence.status().sealed());
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class TwoAnchors {
        @Bean
        CheckpointAnchor one() {
            return new Named("one");
        }

        @Bean
        CheckpointAnchor other() {
            return new Named("other");
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class SameName {
        @Bean
        CheckpointAnchor another() {
            return new Named("one");
        }
    }

    private record Named(String name) implements CheckpointAnchor {
        @Override
        public AnchorReceipt anchor(String checkpoint) {
            return new AnchorReceipt("kept");
        }
    }

    @Test
    void anchorsCompose() {
        runner.run(context -> assertThat(anchors(context)).containsExactly("log"));
        runner.withUserConfiguration(TwoAnchors.class)
                .withPropertyValues("retention.evidence.anchor.file=" + folder.resolve("heads"))
                .run(context -> assertThat(anchors(context))
                        .containsExactly("file " + folder.resolve("heads"), "log", "one", "other"));
        runner.withPropertyValues("retention.evidence.anchor.log=false")
                .run(context -> assertThat(anchors(context)).isEmpty());
        runner.withUserConfiguration(TwoAnchors.class, SameName.class)
                .run(context -> assertRefused(context).contains("'one' needs a name of its own"));
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnEvidence {
        @Bean
        RetentionEvidence own(RecordingRepository repository) {
            return RetentionEvidence.builder(repository).origin("our.own").build();
        }
    }

    @Test
    void aBeanOfTheApplicationReplacesIt() {
        runner.withUserConfiguration(OwnEvidence.class).run(context -> {
            sweep(context);
            assertThat(context.getBean(RetentionEvidence.class).checkpoint())
                    .get()
                    .asString()
                    .startsWith("our.own\n");
        });
    }

    @Test
    void whatIsSwitchedOffSealsNothingAndRemainsReadable() {
        runner.withPropertyValues("retention.evidence.anchor.log=false")
                .run(context -> assertThat(context.getBean(ScheduledSeals.class).isRunning())
                        .isTrue());
        runner.withPropertyValues("retention.run-once=true", "retention.schedule.enabled=false")
                .run(context -> assertThat(context.getBean(ScheduledSeals.class).isRunning())
                        .isFalse());
        runner.withUserConfiguration(NoEvidence.class).run(context -> {
            assertThat(context).hasNotFailed();
            assertThat(context.getBean(ScheduledSeals.class).isRunning()).isFalse();
            assertThat(context.getBean(RetentionEvidence.class).status().enabled())
                    .isFalse();
        });
    }

    @Configuration(proxyBeanMethods = false)
    static class NoEvidence {
        @Bean
        RetentionEvidence evidence(InMemoryRecordingRepository repository) {
            repository.setEvidence(false);
            return RetentionEvidence.builder(repository).build();
        }
    }

    @Test
    void sealsWithoutTheScheduleToo() {
        runner.withPropertyValues("retention.schedule.enabled=false")
                .run(context -> assertThat(context.getBean(ScheduledSeals.class).isRunning())
                        .isTrue());
    }

    @Test
    void aKeyThatIsMissingIsRefusedWithItsFile() {
        Path missing = folder.resolve("evidence.pem");
        runner.withPropertyValues(KEY_PROPERTY + missing)
                .run(context -> assertRefused(context)
                        .contains(
                                "retention.evidence.signing-key can't be used",
                                "the file " + missing + ", does not exist",
                                "openssl genpkey -algorithm ed25519"));
        runner.withPropertyValues(KEY_PROPERTY + folder)
                .run(context -> assertRefused(context).contains("is not a regular file"));
    }

    @Test
    void aKeyThatOthersCanReadIsRefused() throws IOException, GeneralSecurityException {
        Path file = key("Ed25519", "rw-r--r--");
        String secret = Files.readAllLines(file).get(1);
        runner.withPropertyValues(KEY_PROPERTY + file)
                .run(context -> assertRefused(context)
                        .contains(file.toString(), "rw-r--r--", "allowed are rw-r----- or less")
                        .doesNotContain(secret));
    }

    @Test
    void aKeyOfAnotherKindIsRefusedAndNothingOfItIsShown() throws IOException, GeneralSecurityException {
        Path file = key("X25519", "rw-------");
        String secret = Files.readAllLines(file).get(1);
        runner.withPropertyValues(KEY_PROPERTY + file).run(context -> {
            assertRefused(context)
                    .contains(file.toString(), "does not hold an Ed25519 key")
                    .doesNotContain(secret);
            assertThat(String.valueOf(context.getStartupFailure())).doesNotContain(secret);
        });
        Path text = file("a secret of another kind", "rw-------");
        runner.withPropertyValues(KEY_PROPERTY + text)
                .run(context -> assertRefused(context)
                        .contains("does not hold a private key as PKCS#8 in PEM")
                        .doesNotContain("a secret of another kind"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "retention.evidence.signing-key=| is set, and names no file",
                "retention.evidence.anchor.file=| is set, and names no file",
                "retention.evidence.seal-interval=0s| Allowed is more than zero",
                "retention.evidence.origin=two words| without spaces and plus signs",
                "retention.evidence.origin=a+b| without spaces and plus signs",
            })
    void wrongSettingsAreRefused(String property, String why) {
        runner.withPropertyValues(property)
                .run(context -> assertRefused(context).contains(property.substring(0, property.indexOf('=')), why));
    }
}
