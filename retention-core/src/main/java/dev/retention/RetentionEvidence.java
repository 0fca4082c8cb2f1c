package dev.retention;

import dev.retention.internal.evidence.DailyCensus;
import dev.retention.internal.evidence.Export;
import dev.retention.internal.evidence.Receipts;
import dev.retention.internal.evidence.Sealer;
import dev.retention.internal.evidence.SigningKey;
import dev.retention.internal.evidence.Statements;
import dev.retention.internal.evidence.TreeSealing;
import dev.retention.spi.CheckpointAnchor;
import dev.retention.spi.EvidenceLog;
import dev.retention.spi.EvidenceLog.AnchoredHead;
import dev.retention.spi.EvidenceLog.Seal;
import dev.retention.spi.EvidenceLog.Unsealed;
import dev.retention.spi.RecordingRepository;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The evidence log: what was deleted, why, and by which proof, in a form that an auditor can verify without this
 * library and without the database. Entries are written by the repository, with each change. This class seals them, has
 * the heads anchored, and hands out receipts and exports.
 *
 * <p>A sweeper that got this object seals during its runs and at their end. Call {@link #seal()} every few minutes
 * besides, for what happens between runs.
 *
 * <p><b>Threads and transactions.</b> All methods may be called from any thread. {@link #seal()}, {@link #statement}
 * and {@link #export} write to the log, in transactions of their own; the others only read.
 */
public final class RetentionEvidence {

    /** The origin unless one is set. */
    public static final String DEFAULT_ORIGIN = "retention/recordings";

    private final RecordingRepository repository;
    private final TreeSealing sealing;
    private final DailyCensus census;
    private final Sealer sealer;
    private volatile @Nullable Statements statements;

    private RetentionEvidence(RecordingRepository repository, TreeSealing sealing, List<CheckpointAnchor> anchors) {
        this.repository = repository;
        this.sealing = sealing;
        this.census = new DailyCensus(repository);
        this.sealer = new Sealer(
                repository.evidence(),
                sealing,
                anchors,
                System::nanoTime,
                repository::now,
                census::count,
                () -> repository.controls().all());
    }

    /** Starts building. */
    public static Builder builder(RecordingRepository repository) {
        return new Builder(repository);
    }

    /**
     * Seals all committed entries, and has the newest head anchored where it is not yet. The first time on a day in
     * UTC, by the database's clock, it first counts the recordings that were created on the days that are over, and
     * writes the counts into the log: {@link #shrunkDays()}.
     *
     * @return how many entries were sealed
     * @throws RetentionException if the database fails; an anchor that fails is in {@link #status()} and is tried again
     */
    public long seal() {
        return sealer.seal();
    }

    /** The newest head, as a checkpoint in a signed note (c2sp.org/tlog-checkpoint); empty before the first seal. */
    public Optional<String> checkpoint() {
        return log().newestSeal().map(Seal::checkpoint);
    }

    /** The verifier key of c2sp.org/signed-note that heads are signed with; empty if they are unsigned. */
    public Optional<String> verifierKey() {
        return Optional.ofNullable(sealing.key()).map(SigningKey::toString);
    }

    /**
     * The sealed entries of a recording, each with its proof.
     *
     * @throws RetentionException if rows of the log are missing, or the database fails
     */
    public EvidenceReceipt receipt(String recordingId) {
        return new Receipts(log()).of(recordingId);
    }

    /**
     * States the status of all recordings that were created in a period: deleted, held, not due yet, or what else. The
     * numbers add up to all there are, as of one moment. The statement says what it does not know, is signed if there
     * is a key, and has an entry in the log, which the next seal seals.
     *
     * <p>Recordings are judged by the policies of the sweeper that was built with this evidence last. Takes as long as
     * reading all rows of the period.
     *
     * @param from the period begins here
     * @param to and ends before this
     * @throws IllegalArgumentException if the period is empty
     * @throws RetentionException if no sweeper was built with this evidence, evidence is switched off, the numbers
     *     contradict one another, or the database fails; then there is no statement
     */
    public EvidenceStatement statement(Instant from, Instant to) {
        Statements known = statements;
        if (known == null) {
            throw RetentionException.misuse("a statement judges recordings by the policies of a sweeper, and none was"
                    + " built with this evidence; build one with RetentionSweeper.builder(…).evidence(…) first");
        }
        return known.of(from, to, null);
    }

    /** @param judgement how recordings are judged at a time of the database */
    void judgedBy(Function<Instant, Statements.Judgement> judgement) {
        statements = new Statements(repository, sealing, judgement);
    }

    /**
     * Exports the whole log into a folder, with a program that verifies it, and with a {@link #statement} of the period
     * if one can be made: the list of its recordings is in the folder, too. Seals the log for that.
     *
     * @param folder a folder that does not exist or is empty
     * @param from the tables of the export contain what happened from here, and the statement what was created
     * @param to and before this
     * @return how many entries were exported
     * @throws RetentionException if nothing is sealed yet, the folder is not empty or has too little space, or writing
     *     or the database fails. Then the export is not whole; if anything was written, the folder has a file that says
     *     so
     */
    public long export(Path folder, Instant from, Instant to) {
        Statements known = log().enabled() ? statements : null;
        return new Export(log(), sealing, known == null ? null : new Export.Stating(known, sealer))
                .write(folder, from, to);
    }

    /**
     * What the anchors that can be read back have against the database's log; empty if nothing. Either it is not the
     * log that was anchored, since the database was restored from a backup or somebody changed it: then a sweeper with
     * this evidence deletes nothing until a person has confirmed it. Or an anchor was replaced or can't be read: that
     * stops nothing.
     *
     * @throws RetentionException if the database fails
     */
    public List<String> objections() {
        return sealer.objections();
    }

    /**
     * Days that have fewer recordings than were counted before, with the number of those that are missing: somebody has
     * removed their rows, or changed the creation times. By what this instance knows: each day it counts again the last
     * {@value dev.retention.spi.Census#MOST_DAYS} days that have recordings, and as many earlier days, in turn. Does
     * not ask the database.
     */
    public SortedMap<LocalDate, Long> shrunkDays() {
        return census.shrunk();
    }

    /** The state of the log and of its anchors. */
    public EvidenceStatus status() {
        EvidenceLog log = log();
        Optional<Seal> newest = log.newestSeal();
        Unsealed unsealed = log.unsealed();
        return new EvidenceStatus(
                log.enabled(),
                newest.map(seal -> seal.head().size()).orElse(0L),
                newest.map(Seal::at).orElse(null),
                unsealed.entries(),
                unsealed.since(),
                sealer.anchors().stream().map(this::status).toList());
    }

    private EvidenceStatus.Anchor status(CheckpointAnchor anchor) {
        Optional<AnchoredHead> kept = log().newestAnchored(anchor.name());
        return new EvidenceStatus.Anchor(
                anchor.name(),
                kept.map(AnchoredHead::size).orElse(0L),
                kept.map(AnchoredHead::at).orElse(null),
                sealer.failure(anchor).orElse(null));
    }

    private EvidenceLog log() {
        return repository.evidence();
    }

    RecordingRepository repository() {
        return repository;
    }

    Sealer sealer() {
        return sealer;
    }

    /** Builds a {@link RetentionEvidence}. Not thread-safe. */
    public static final class Builder {

        private final RecordingRepository repository;
        private final List<CheckpointAnchor> anchors = new ArrayList<>();
        private String origin = DEFAULT_ORIGIN;
        private @Nullable Path signingKey;

        private Builder(RecordingRepository repository) {
            this.repository = repository;
        }

        /**
         * The name of the log in its heads, such as {@code example.com/recordings}: without spaces and plus signs, of
         * this log alone, and the same as long as it exists. {@value RetentionEvidence#DEFAULT_ORIGIN} unless set. To
         * the origin of a tenant's log a slash and the tenant are added, with {@code %2B} for each plus sign, so that
         * one setting names the log of each tenant.
         */
        public Builder origin(String name) {
            this.origin = name;
            return this;
        }

        /**
         * A file with the Ed25519 key that signs heads, as PKCS#8 in PEM; null, the default, for unsigned heads. Others
         * than its owner and its group may not read it.
         */
        public Builder signingKey(@Nullable Path file) {
            this.signingKey = file;
            return this;
        }

        /** Adds an anchor, of a name that no other one has. */
        public Builder anchor(CheckpointAnchor anchor) {
            this.anchors.add(anchor);
            return this;
        }

        /**
         * Builds it. Reads the key; asks neither the database nor an anchor.
         *
         * @throws IllegalArgumentException for an origin or the name of an anchor that is not allowed
         * @throws RetentionException if the key can't be used; the message says which file, and what is allowed
         */
        public RetentionEvidence build() {
            String log = origin();
            SigningKey key = signingKey == null ? null : SigningKey.read(log, signingKey);
            List<String> names = anchors.stream().map(CheckpointAnchor::name).toList();
            names.stream()
                    .filter(name -> name.isBlank()
                            || name.length() > CheckpointAnchor.MAX_NAME_LENGTH
                            || names.indexOf(name) != names.lastIndexOf(name))
                    .findFirst()
                    .ifPresent(name -> {
                        throw new IllegalArgumentException("the anchor '" + name + "' needs a name of its own, of 1 to "
                                + CheckpointAnchor.MAX_NAME_LENGTH + " characters");
                    });
            return new RetentionEvidence(repository, new TreeSealing(log, key), anchors);
        }

        private String origin() {
            String tenant = repository.tenant();
            return tenant == null ? origin : origin + "/" + tenant.replace("+", "%2B");
        }
    }
}
