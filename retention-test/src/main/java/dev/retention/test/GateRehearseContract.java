package dev.retention.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.retention.LedgerEntry;
import dev.retention.test.RepositoryFixture.Capability;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rehearsal of a soft-delete: {@link dev.retention.spi.DeletionGate#rehearse}. */
abstract class GateRehearseContract extends PortContract {

    GateRehearseContract(RepositoryFixture fixture) {
        super(fixture);
    }

    @Test
    void changesNothing() {
        EngineRow row = insert(dueRow(1));
        EngineRow held = insert(dueRow(2));
        hold("h", held);
        LedgerEntry before = entry(held);

        assertThat(repository.gate().rehearse(candidate(row), REASON)).isEmpty();
        assertThat(repository.gate().rehearse(candidate(held), REASON)).isEmpty();

        assertThat(readRow(row.id())).contains(row);
        assertThat(readRow(held.id())).contains(held);
        assertThat(repository.ledger().find(List.of(row.id()))).isEmpty();
        assertThat(entry(held)).isEqualTo(before);
        assertThat(claim(openRun(), row).claims()).hasSize(1);
    }

    @Test
    void saysWhyTheDatabaseRefusesTheSoftDelete() {
        needs(Capability.REFUSED_SOFT_DELETE);
        EngineRow row = insert(dueRow(1));
        refuseSoftDelete(row.id());

        assertThat(repository.gate().rehearse(candidate(row), REASON))
                .hasValueSatisfying(why -> assertThat(why).isNotBlank());
        assertThat(readRow(row.id())).contains(row);
        assertThat(repository.ledger().find(List.of(row.id()))).isEmpty();
    }

    @Test
    void saysThatTheDatabaseIgnoresTheSoftDelete() {
        needs(Capability.IGNORED_SOFT_DELETE);
        EngineRow ignored = insert(dueRow(1));
        EngineRow other = insert(dueRow(2));
        ignoreSoftDelete(ignored.id());

        assertThat(repository.gate().rehearse(candidate(ignored), REASON))
                .hasValueSatisfying(why -> assertThat(why).isNotBlank());
        assertThat(repository.gate().rehearse(candidate(other), REASON)).isEmpty();
        assertThat(readRow(ignored.id())).contains(ignored);
        assertThat(repository.ledger().find(List.of(ignored.id()))).isEmpty();
    }
}
